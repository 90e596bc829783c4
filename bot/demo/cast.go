package demo

// Who and what is in the demo's world besides the DefaultCast.
const (
	DemoAdmin     = 71_000_009 // numeric id of the demo's admin
	ResellerGroup = -71_000_010
	demoArabic    = 71_000_004
	demoReseller  = 71_000_005
	demoMember    = 71_000_006
)

// Cast is everyone in the demo's world: the DefaultCast, a customer whose Telegram is Arabic, and a group of a reseller with its owner and a
// member; the admin belongs to it, too, and can link it.
func Cast() []Persona {
	return append(DefaultCast(DemoAdmin),
		Persona{ID: demoArabic, Name: "ياسين", Username: "yacine_16", Language: "ar", Role: "customer"},
		Persona{ID: demoReseller, Name: "Karim", Username: "karim_cyber", Language: "fr", Role: "reseller", Chat: ResellerGroup},
		Persona{ID: demoMember, Name: "Lina", Username: "lina_cyber", Language: "en", Role: "member", Chat: ResellerGroup},
	)
}
