package sandbox

// Category is one category of gift cards.
type Category struct {
	Title    string
	Products []Product
}

// Product is one family of gift cards. IDs are made by position when empty.
type Product struct {
	ID       string
	Title    string
	Region   string // empty where the supplier gives none
	Disabled bool
	Types    []Type
}

// Type is one line of a product.
type Type struct {
	ID    string
	Name  string
	Price int64 // of one card, in centimes
	Stock int
}

// InternetLine is one internet card.
type InternetLine struct {
	Type        string // ADSL or 4G
	Value       int64  // face value, in dinars
	Cost        int64  // in centimes
	Unavailable bool
}

// DefaultCatalog is what a Server sells when it is told nothing else. Names are those of the trade; prices are invented.
func DefaultCatalog() []Category {
	return []Category{
		{"PSN", []Product{
			{Title: "PSN Germany", Region: "germany", Types: []Type{{"", "PSN 10 EUR", 2890_00, 87}, {"", "PSN 20 EUR", 5690_50, 40}, {"", "PSN 50 EUR", 13990_00, 0}}},
			{Title: "PSN USA", Region: "usa", Types: []Type{{"", "PSN 10 USD", 2650_00, 120}, {"", "PSN 25 USD", 6480_75, 60}, {"", "PSN 50 USD", 12850_00, 25}}},
			{Title: "PSN France", Region: "france", Types: []Type{{"", "PSN 10 EUR", 2910_00, 35}, {"", "PSN 20 EUR", 5720_00, 12}}},
		}},
		{"Steam", []Product{
			{Title: "Steam Wallet", Types: []Type{{"", "Steam 5 USD", 1390_00, 200}, {"", "Steam 10 USD", 2740_25, 150}, {"", "Steam 20 USD", 5430_00, 80}, {"", "Steam 50 USD", 13450_00, 3}}},
		}},
		{"Google Play", []Product{
			{Title: "Google Play USA", Region: "usa", Types: []Type{{"", "Google Play 10 USD", 2590_00, 90}, {"", "Google Play 25 USD", 6390_00, 44}}},
		}},
		{"Apple", []Product{
			{Title: "Apple Gift Card France", Region: "france", Types: []Type{{"", "Apple 15 EUR", 4180_00, 70}, {"", "Apple 25 EUR", 6950_50, 31}, {"", "Apple 50 EUR", 13870_00, 18}}},
			{Title: "Apple Gift Card Turkey", Region: "turkey", Disabled: true, Types: []Type{{"", "Apple 100 TRY", 990_00, 10}, {"", "Apple 250 TRY", 2450_00, 10}}},
		}},
		{"Netflix", []Product{
			{Title: "Netflix Europe", Region: "europe", Types: []Type{{"", "Netflix 15 EUR", 4090_00, 55}, {"", "Netflix 25 EUR", 6790_00, 27}}},
		}},
		{"Mobile & Internet", []Product{
			{Title: "Mobilis card", Region: "algeria", Types: []Type{{"", "Mobilis 500", 489_50, 500}, {"", "Mobilis 1000", 979_00, 500}}},
		}},
	}
}

// DefaultLines are the internet cards a Server sells when it is told nothing else; costs are 97.5 percent of the face value.
func DefaultLines() []InternetLine {
	var lines []InternetLine
	for _, v := range []int64{500, 1000, 2000, 3000} {
		lines = append(lines, InternetLine{Type: "ADSL", Value: v, Cost: v * 975 / 10})
	}
	for _, v := range []int64{500, 1000, 1500, 2500} {
		lines = append(lines, InternetLine{Type: "4G", Value: v, Cost: v * 975 / 10, Unavailable: v == 1500})
	}
	return lines
}
