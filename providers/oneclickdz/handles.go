package oneclickdz

import "cardrop/providers"

var (
	_ providers.Numbered = (*GiftCards)(nil)
	_ providers.Numbered = (*Internet)(nil)
)

// IsHandle tells whether a text has the form of an orderId.
func (g *GiftCards) IsHandle(text string) bool { return isPlain(text) }

// IsHandle tells whether a text has the form of a topupId.
func (n *Internet) IsHandle(text string) bool { return isPlain(text) }
