package providers

import "errors"

// ErrAlarm is wrapped, beside ErrUnknown, by an answer that leaves the outcome open and that the operator has to hear of at once: the
// supplier rejects our address or signature, or contradicts itself.
var ErrAlarm = errors.New("the operator has to look")

// Numbered is a Provider whose supplier gives its orders ids by which Resolve asks without ever buying: with such an id as
// Placement.Handle, Resolve is a mere question.
type Numbered interface {
	// IsHandle tells whether a text has the form of such an id.
	IsHandle(text string) bool
}

// Reparser is a Provider that can read an answer once more that was sealed whole because it could not be read when it came.
type Reparser interface {
	// Reparse reads the Raw of an earlier Fulfillment. A Fulfillment with a Fault still does not fit; quantity and line are the
	// caller's to compare. It returns an error for what is no answer that sold something.
	Reparse(raw Secret) (Fulfillment, error)
}
