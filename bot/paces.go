package main

import (
	"strconv"
	"strings"

	"cardrop/flows"
)

// Bounds of a pace: less would hold up a person who taps through a purchase, more bounds nobody.
const (
	leastBurst = 10
	mostBurst  = 10_000
)

// parsePace reads 40/2: so often at once, and so often a second after that.
func parsePace(v string) (any, error) {
	burst, second, both := strings.Cut(strings.TrimSpace(v), "/")
	if !both || !decimalShape.MatchString(second) {
		return nil, errValue
	}
	n, err := strconv.Atoi(burst)
	if err != nil || n < leastBurst || n > mostBurst {
		return nil, errValue
	}
	rate, err := strconv.ParseFloat(second, 64)
	if err != nil || rate <= 0 || rate > mostBurst {
		return nil, errValue
	}
	return flows.Pace{Burst: n, Second: rate}, nil
}

// paces are how fast people and groups may ask. Each process counts by itself: while updates are polled that is the whole shop, for one
// process polls at a time; behind a webhook that several share it is what each of them gets to see.
func paces(c Config) flows.Paces { return flows.Paces{Person: c.PacePerson, Group: c.PaceGroup} }
