package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Noise: what rounds of the same row may differ by. A table that is noisier is judged as if it were not.
const (
	leastNoise = 0.03
	mostNoise  = 0.25
)

// sense says on which side of its target a ratio has to be.
type sense string

// The senses of a target.
const (
	atLeast sense = "≥"
	atMost  sense = "≤"
)

// pair is one round: what the shop did and what its peer did right before or after it. A peer of 0 means that there is none.
type pair struct{ ours, peer float64 }

// row is one line of the table.
type row struct {
	what    string
	unit    string // of both figures
	against string // the peer or limit; empty for none: then the figure itself is compared with the target
	sense   sense
	target  float64
	exact   bool // a count: it has no noise
	rounds  []pair
	note    string // printed below the table
}

// verdict is a row judged.
type verdict struct {
	ours, peer   float64 // medians
	ratio, noise float64
	short        bool // by more than the noise
}

// judge compares the median of the rounds' ratios with the target. The noise is half of what the rounds differ by, within its bounds.
func (r row) judge() verdict {
	var ours, peers, ratios []float64
	for _, p := range r.rounds {
		ratio := p.ours
		if r.against != "" {
			ratio = p.ours / p.peer
		}
		ours, peers, ratios = append(ours, p.ours), append(peers, p.peer), append(ratios, ratio)
	}
	v := verdict{ours: median(ours), peer: median(peers), ratio: median(ratios)}
	if !r.exact && v.ratio > 0 {
		v.noise = min(max((slices.Max(ratios)-slices.Min(ratios))/2/v.ratio, leastNoise), mostNoise)
	}
	if r.sense == atLeast {
		v.short = v.ratio*(1+v.noise) < r.target
	} else {
		v.short = v.ratio*(1-v.noise) > r.target
	}
	return v
}

// median of at least one number.
func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// printTable writes the table and reports how many rows fall short.
func printTable(out io.Writer, rows []row) (int, error) {
	short := 0
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "what\tfigure\tagainst\tits figure\tratio\ttarget\tnoise\t")
	for _, r := range rows {
		v := r.judge()
		peer, against := "–", "–"
		if r.against != "" {
			peer, against = figure(v.peer)+" "+r.unit, r.against
		}
		said := "holds"
		if v.short {
			short++
			said = "SHORT"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\t%s\t%s %s\t±%.0f %%\t%s\n", r.what, figure(v.ours), r.unit, against, peer,
			figure(v.ratio), r.sense, figure(r.target), v.noise*100, said)
	}
	if err := w.Flush(); err != nil {
		return short, fmt.Errorf("print table: %w", err)
	}
	for _, r := range rows {
		if r.note != "" {
			_, _ = fmt.Fprintf(out, "\n%s: %s\n", r.what, r.note)
		}
	}
	return short, nil
}

// figure writes a number with three digits that count.
func figure(n float64) string {
	switch {
	case n >= 100 || n == float64(int64(n)):
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.2f", n)
}
