package telegram

// The kinds of updates, as they are counted.
const (
	UpdateMessage = "message"
	UpdatePress   = "press"
	UpdateChange  = "change" // of a chat: blocked, unblocked, moved
	UpdateOther   = "other"
)

// What became of an update.
const (
	FateHandled = "handled" // its effect is stored
	FatePutOff  = "put_off" // it comes again
	FatePassed  = "passed"  // it is not for the shop
	FateLost    = "lost"    // it could not be read
)

// UpdateKinds lists the kinds of updates.
func UpdateKinds() []string {
	return []string{UpdateMessage, UpdatePress, UpdateChange, UpdateOther}
}

// UpdateFates lists what may become of an update.
func UpdateFates() []string { return []string{FateHandled, FatePutOff, FatePassed, FateLost} }

// kind is what an update is counted as.
func (d delivery) kind() string {
	switch {
	case d.query != "":
		return UpdatePress
	case d.input == nil:
		return UpdateOther
	case d.input.Change != "":
		return UpdateChange
	default:
		return UpdateMessage
	}
}

// fate is what became of an update that was settled so.
func (d delivery) fate(handled bool) string {
	switch {
	case !handled:
		return FatePutOff
	case d.lost:
		return FateLost
	case d.input == nil:
		return FatePassed
	default:
		return FateHandled
	}
}
