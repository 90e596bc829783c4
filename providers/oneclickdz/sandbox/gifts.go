package sandbox

import (
	"fmt"
	"slices"
)

// product is one family with its stock.
type product struct {
	Product
	category string
}

// stock lays out the goods; ids that are missing are made from the position, so that they are the same at every start.
func (s *Server) stock() {
	for c, category := range s.o.Catalog {
		for i, p := range category.Products {
			if p.ID == "" {
				p.ID = fmt.Sprintf("6126000000000000%04x%04x", c+1, i+1)
			}
			p.Types = slices.Clone(p.Types)
			for t := range p.Types {
				if p.Types[t].ID == "" {
					p.Types[t].ID = fmt.Sprintf("61260000000a%04x%04x%04x", c+1, i+1, t+1)
				}
			}
			s.products = append(s.products, &product{p, category.Title})
		}
	}
	for _, line := range s.o.Lines {
		s.lines = append(s.lines, &line)
	}
}

// catalog shows categories and families, without prices.
func (s *Server) catalog(call) answer {
	label := "title"
	if s.style.CategoryName {
		label = "name"
	}
	categories := []object{}
	for _, category := range s.o.Catalog {
		products := []object{}
		for _, p := range s.products {
			if p.category != category.Title {
				continue
			}
			o := object{{"id", p.ID}, {"title", p.Title}, {"enabled", !p.Disabled}}
			if p.Region != "" {
				o = append(o, property{"region", p.Region})
			}
			products = append(products, o)
		}
		categories = append(categories, object{{label, category.Title}, {"products", products}})
	}
	return answer{
		data:  object{{"categories", categories}},
		extra: object{{"totalCategories", len(categories)}, {"totalProducts", len(s.products)}},
	}
}

// checkProduct shows one family's lines with price and stock.
func (s *Server) checkProduct(c call) answer {
	p := s.product(c.PathValue("id"))
	if p == nil {
		return answer{problem: notFound()}
	}
	product, kind := "productId", "id"
	if s.style.MongoIDs {
		product, kind = "_id", "_id"
	}
	types := []object{}
	for _, t := range p.Types {
		types = append(types, object{{kind, t.ID}, {"name", t.Name}, {"price", s.dinars(t.Price)}, {"quantity", t.Stock}})
	}
	return answer{data: object{{product, p.ID}, {"productTitle", p.Title}, {"types", types}}}
}

func (s *Server) product(id string) *product {
	for _, p := range s.products {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (p *product) line(id string) *Type {
	for i := range p.Types {
		if p.Types[i].ID == id {
			return &p.Types[i]
		}
	}
	return nil
}

// line finds a type among all products; ids of types are unique.
func (s *Server) line(id string) *Type {
	for _, p := range s.products {
		if t := p.line(id); t != nil {
			return t
		}
	}
	return nil
}

// SetStock changes the stock of a type; false when there is none with this id.
func (s *Server) SetStock(typeID string, stock int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.line(typeID)
	if t != nil {
		t.Stock = stock
	}
	return t != nil
}

// SetPrice changes the price of a type, in centimes; false when there is none with this id.
func (s *Server) SetPrice(typeID string, price int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.line(typeID)
	if t != nil {
		t.Price = price
	}
	return t != nil
}

// noStock is the out-of-stock error, whose code the supplier does not document.
func (s *Server) noStock() *problem {
	p := &problem{status: s.style.StockStatus, code: s.style.StockCode, message: "Product is out of stock"}
	if p.status == 0 {
		p.status = 400
	}
	if p.code == "" {
		p.code = "OUT_OF_STOCK"
	}
	return p
}

func (s *Server) noFunds(required int64) *problem {
	return &problem{
		status: 403, code: "INSUFFICIENT_BALANCE", message: "Insufficient balance",
		details: object{{"required", s.dinars(required)}, {"available", s.dinars(s.balance)}},
	}
}
