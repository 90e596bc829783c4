package checkout

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Hours are the times of a week at which somebody answers. The zero Hours are not known.
type Hours struct {
	days     [7]bool // by time.Weekday
	from, to int     // minutes of the day; to may be past midnight
	zone     *time.Location
	known    bool
}

// ParseHours reads hours as people write them in English or French: "9:00-22:00, Saturday to Thursday", "9h–18h", "10:00 - 17:30
// (lun-ven)". What it does not understand as a whole is not known.
func ParseHours(text string, zone *time.Location) Hours {
	span := regexp.MustCompile(`(\d{1,2})(?:[:h.](\d{2})?)?\s*(?:-|–|—|to|à)\s*(\d{1,2})(?:[:h.](\d{2})?)?`)
	text = strings.ToLower(text)
	found := span.FindAllStringSubmatchIndex(text, -1)
	if len(found) != 1 || zone == nil {
		return Hours{}
	}
	at := found[0]
	minutes := func(hour, minute int) int {
		part := func(i int) int {
			if at[2*i] < 0 {
				return 0
			}
			n, _ := strconv.Atoi(text[at[2*i]:at[2*i+1]])
			return n
		}
		if part(hour) > 24 || part(minute) > 59 {
			return -1
		}
		return part(hour)*60 + part(minute)
	}
	h := Hours{from: minutes(1, 2), to: minutes(3, 4), zone: zone}
	days, ok := weekdays(text[:at[0]] + " " + text[at[1]:])
	if h.from < 0 || h.to < 0 || h.from == h.to || !ok {
		return Hours{}
	}
	if h.to < h.from {
		h.to += 24 * 60
	}
	h.days, h.known = days, true
	return h
}

// weekdays reads the days beside the hours; none are all seven.
func weekdays(text string) (days [7]bool, ok bool) {
	names := []string{"sun dim", "mon lun", "tue mar", "wed mer", "thu jeu", "fri ven", "sat sam"}
	last, through, any := -1, false, false
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(text, "-", " to "), "–", " to "), func(r rune) bool {
		return strings.ContainsRune(" ,;()./", r)
	})
	for _, w := range words {
		switch w {
		case "to", "through", "au", "à":
			if last < 0 {
				return days, false
			}
			through = true
			continue
		case "and", "et", "du", "from", "every", "day", "daily", "tous", "les", "jours", "7", "j", "h":
			continue
		}
		day := -1
		for i, both := range names {
			for name := range strings.FieldsSeq(both) {
				if strings.HasPrefix(w, name) {
					day = i
				}
			}
		}
		if day < 0 {
			return days, false
		}
		for through && last != day {
			last = (last + 1) % 7
			days[last] = true
		}
		days[day], last, through, any = true, day, false, true
	}
	if !any {
		days = [7]bool{true, true, true, true, true, true, true}
	}
	return days, !through
}

// Known tells whether the hours were understood.
func (h Hours) Known() bool { return h.known }

// Open tells whether somebody answers at a time. Where the hours are not known somebody may.
func (h Hours) Open(t time.Time) bool { return !h.known || h.Next(t).Equal(t) }

// Next is when somebody answers, from a time on: that time itself while they do.
func (h Hours) Next(t time.Time) time.Time {
	if !h.known {
		return t
	}
	local := t.In(h.zone)
	for ahead := -1; ahead <= 7; ahead++ {
		midnight := time.Date(local.Year(), local.Month(), local.Day()+ahead, 0, 0, 0, 0, h.zone)
		if !h.days[midnight.Weekday()] {
			continue
		}
		from, to := midnight.Add(time.Duration(h.from)*time.Minute), midnight.Add(time.Duration(h.to)*time.Minute)
		switch {
		case t.Before(from):
			return from
		case t.Before(to):
			return t
		}
	}
	return t
}
