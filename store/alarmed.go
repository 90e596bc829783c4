package store

// Alarmed is what the operators were told about an order, so that they hear it once.
type Alarmed string

// What they are told; the empty one is nothing yet.
const (
	AlarmedAsk      Alarmed = "ask"   // only a person can end it
	AlarmedRejected Alarmed = "alarm" // the supplier rejects questions about it
)

// alarmed reads the mark. Orders of before have it in a field that was named after the buyer.
func alarmed(f map[string]string) Alarmed {
	if mark, ok := f["alarmed"]; ok {
		return Alarmed(mark)
	}
	switch mark := Alarmed(f["told"]); mark {
	case AlarmedAsk, AlarmedRejected:
		return mark
	default:
		return ""
	}
}
