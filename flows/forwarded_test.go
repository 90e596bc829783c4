package flows

import (
	"errors"
	"testing"
)

// TestAboutIsForAdminsInPrivate holds that nobody else's reply names anybody, whatever an input says.
func TestAboutIsForAdminsInPrivate(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	for _, tt := range []struct {
		name    string
		role    Role
		private bool
		want    int64
		err     error
	}{
		{"admin in private", Support, true, 1001, nil},
		{"admin in a group", Owner, false, 0, errNoName},
		{"customer", "", true, 0, errNoName},
	} {
		v := &visit{role: tt.role, in: Input{Private: tt.private, About: About{User: 1001}}}
		if user, err := st.desk.meant(t.Context(), v, ""); user != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s means %d, %v", tt.name, user, err)
		}
	}
}
