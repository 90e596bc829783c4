package store

import (
	"fmt"
	"sort"
	"strings"
)

// OrderState is where an order, or one of its placements, stands.
type OrderState string

// The states. Edges lead forward only; the last four are final. Ready is a placement that nobody has asked for yet.
const (
	Ready     OrderState = "ready"
	Placing   OrderState = "placing"
	InDoubt   OrderState = "in_doubt"
	Pending   OrderState = "pending"
	Review    OrderState = "review"
	Fulfilled OrderState = "fulfilled"
	Partial   OrderState = "partial"
	Refunded  OrderState = "refunded"
	Refused   OrderState = "refused"
)

// Final tells whether nothing more will happen to an order in this state.
func (s OrderState) Final() bool {
	return s == Fulfilled || s == Partial || s == Refunded || s == Refused
}

// Edges is the one table of steps a placement may take; the settle script reads it too. A state that leads to itself may be
// written again while it is asked about.
func Edges() map[OrderState][]OrderState {
	final := []OrderState{Fulfilled, Partial, Refunded, Refused}
	return map[OrderState][]OrderState{
		Placing: append([]OrderState{Pending, InDoubt, Review}, final...),
		InDoubt: append([]OrderState{InDoubt, Pending, Review}, final...),
		Pending: append([]OrderState{Pending, Review}, final...),
		Review:  final,
	}
}

// edgesInLua writes the table for the scripts.
func edgesInLua() string {
	var b strings.Builder
	b.WriteString("local EDGES = {")
	edges := Edges()
	froms := make([]string, 0, len(edges))
	for from := range edges {
		froms = append(froms, string(from))
	}
	sort.Strings(froms)
	for _, from := range froms {
		fmt.Fprintf(&b, " %s = {", from)
		for _, to := range edges[OrderState(from)] {
			fmt.Fprintf(&b, " %s = true,", to)
		}
		b.WriteString(" },")
	}
	b.WriteString(" }\nlocal FINAL = { fulfilled = true, partial = true, refunded = true, refused = true }\n")
	return b.String()
}
