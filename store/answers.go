package store

import (
	"fmt"
	"strconv"
	"time"
)

// refusal turns the word of a script into what a caller branches on.
func refusal(word string) error {
	switch word {
	case "gone":
		return ErrNotFound
	case "fenced", "lost":
		return ErrFenced
	case "conflict":
		return ErrConflict
	case "closed":
		return ErrClosed
	case "behind":
		return ErrBehind
	case "edge", "no":
		return ErrEdge
	case "repeat":
		return ErrRepeat
	case "taken":
		return ErrTaken
	case "stale":
		return ErrStale
	case "many":
		return ErrMany
	case "full":
		return ErrFull
	default:
		return fmt.Errorf("unexpected answer %q", word)
	}
}

// number reads a whole number that a script wrote; anything else is 0.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// moment reads milliseconds; nothing is the zero time.
func moment(text string) time.Time {
	if text == "" || text == "0" {
		return time.Time{}
	}
	return time.UnixMilli(number(text)).UTC()
}
