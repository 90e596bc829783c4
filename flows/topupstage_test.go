package flows

import (
	"cardrop/flows/checkout"
)

// payments are the ways to fill a wallet on the stage: pages of a cashier, Stars, two postal accounts with ceilings, one RIP, and cash.
func (st *stage) payments() []checkout.PaymentMethod {
	st.t.Helper()
	all := []checkout.PaymentMethod{st.cashier(), checkout.Stars{}}
	for _, m := range [][2]string{
		{checkout.MethodCCP, "Mourad Saidi|0012345678|28|10000; Nadia Kaci|0045678912|27|20000"},
		{checkout.MethodBaridiMob, "Mourad Saidi|00799999001234567803"}, {checkout.MethodCash, "Cyber El Amel, 12 rue Didouche, Alger"},
	} {
		t, err := checkout.NewTransfer(m[0], m[1], 100)
		st.must(err)
		all = append(all, t)
	}
	return all
}
