package flows

import (
	"cardrop/providers"
	"cardrop/providers/oneclickdz"
	"cardrop/providers/oneclickdz/sandbox"
	"cardrop/providers/providertest"
)

// oneclickdz joins the clients of gift cards and internet cards to their simulator.
func (st *stage) oneclickdz() []providers.Provider {
	const token = "key-of-the-shop"
	st.dz = sandbox.New(sandbox.Options{
		Keys: []sandbox.Key{{Token: token, Type: sandbox.Sandbox, Lifelike: true}}, Now: st.clock.Now,
		Catalog: []sandbox.Category{{Title: "PSN", Products: []sandbox.Product{
			{ID: "psn-de", Title: "PSN Germany", Region: "germany", Types: []sandbox.Type{
				{ID: "de10", Name: "PSN 10 EUR", Price: 2890_00, Stock: 87}, {ID: "de50", Name: "PSN 50 EUR", Price: 13990_00},
			}},
			{ID: "psn-fr", Title: "PSN France", Region: "france", Types: []sandbox.Type{
				{ID: "fr10", Name: "PSN 10 EUR", Price: 2910_00, Stock: 12},
			}},
		}}},
	})
	server := providertest.Serve(st.t, st.dz)
	client, err := oneclickdz.New(oneclickdz.Options{
		AccessToken: providers.NewSecret(token), BaseURL: server.URL + "/v3", Now: st.clock.Now,
	})
	st.must(err)
	return []providers.Provider{client.GiftCards(), client.Internet()}
}
