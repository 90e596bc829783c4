package flows

// synonyms are words that mean the same to people who look for a card, in the ways they are written in Algeria.
func synonyms() [][]string {
	return [][]string{
		{"psn", "playstation", "play station", "playstation network", "ps4", "ps5", "sony", "بلايستيشن", "بلاي ستيشن", "بلاستيشن",
			"بلي ستيشن", "بلايستايشن", "سوني"},
		{"xbox", "x box", "microsoft", "اكس بوكس", "اكسبوكس", "مايكروسوفت"},
		{"nintendo", "eshop", "switch", "نينتندو"},
		{"steam", "ستيم", "ستيام"},
		{"itunes", "apple", "app store", "iphone", "ايتونز", "آبل", "أبل", "ايفون"},
		{"google", "google play", "googleplay", "play store", "android", "جوجل", "جوجل بلاي", "قوقل", "قوقل بلاي", "غوغل", "غوغل بلاي",
			"بلاي ستور"},
		{"netflix", "نتفليكس", "نتفلكس", "نيتفليكس"},
		{"spotify", "سبوتيفاي"},
		{"roblox", "روبلوكس"},
		{"free fire", "freefire", "garena", "فري فاير", "فريفاير"},
		{"pubg", "ببجي", "بوبجي"},
		{"fortnite", "فورتنايت"},
		{"amazon", "أمازون"},
		{"grab", "جراب", "غراب", "قراب"},
		{"shopee", "شوبي"},
		{"lazada", "لازادا"},
		{"tiki", "تيكي"},
		{"mobilis", "موبيليس", "موبليس"},
		{"djezzy", "جيزي", "جازي"},
		{"ooredoo", "أوريدو", "nedjma", "نجمة"},
		{"adsl", "idoom fixe", "fixe", "landline", "ligne", "ادسل", "أدسل", "اي دي اس ال", "ا د س ل", "الثابت", "الهاتف الثابت",
			"فيكس", "فيبر"},
		{"4g", "lte", "4g lte", "4glte", "فورجي", "فور جي", "4جي", "4ج", "الجيل الرابع"},
		{"internet", "recharge", "recharge internet", "top up", "topup", "flexy", "idoom", "أيدوم", "انترنت", "شحن", "تعبئة", "فليكسي", "ريشارج",
			"اتصالات الجزائر", "algerie telecom"},
		{"voucher", "bon", "bon d achat", "coupon", "قسيمة", "قسائم", "كوبون"},
		{"gift", "cadeau", "gift card", "carte cadeau", "هدية", "هدايا", "بطاقة هدية", "بطاقات هدايا"},
		{"germany", "allemagne", "deutschland", "ألمانيا"},
		{"france", "fr", "francais", "فرنسا"},
		{"usa", "us", "united states", "etats unis", "america", "amerique", "أمريكا", "الولايات المتحدة"},
		{"uk", "united kingdom", "royaume uni", "england", "angleterre", "بريطانيا", "انجلترا"},
		{"turkey", "turquie", "turkiye", "تركيا"},
		{"spain", "espagne", "اسبانيا"},
		{"italy", "italie", "ايطاليا"},
		{"europe", "أوروبا"},
		{"vietnam", "viet nam", "vn", "فيتنام"},
		{"algeria", "algerie", "dz", "الجزائر", "دزاير"},
		{"uae", "emirates", "emirats", "الامارات"},
		{"ksa", "saudi arabia", "arabie saoudite", "السعودية"},
	}
}

// noise are words that people add and that name no product; each is written folded.
func noise() []string {
	return []string{"card", "cards", "carte", "cartes", "code", "codes", "بطاقه", "بطاقات", "كارت", "كارته", "كود", "اكواد"}
}
