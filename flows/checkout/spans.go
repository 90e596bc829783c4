package checkout

import (
	"slices"
	"time"
)

// firstSpan is the end of the first bucket; each further one reaches a fifth further than the one before.
const firstSpan = 250 * time.Millisecond

// widest bounds the buckets: the last one takes whatever is longer.
const widest = 80

// bucket is where a span belongs.
func bucket(d time.Duration) int {
	b := 0
	for end := firstSpan; d > end && b < widest; end = end * 6 / 5 {
		b++
	}
	return b
}

// bucketEnd is the longest span of a bucket.
func bucketEnd(b int) time.Duration {
	end := firstSpan
	for range min(b, widest) {
		end = end * 6 / 5
	}
	return end
}

// Span is the upper end of the bucket in which so many percent of all spans end; 0 without any.
func Span(spans map[int]int, percent int) time.Duration {
	var buckets []int
	all := 0
	for b, n := range spans {
		buckets, all = append(buckets, b), all+n
	}
	slices.Sort(buckets)
	seen := 0
	for _, b := range buckets {
		if seen += spans[b]; 100*seen >= percent*all {
			return bucketEnd(b).Round(100 * time.Millisecond)
		}
	}
	return 0
}
