package telegram

import (
	"context"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

// starsCurrency is Telegram's currency without a provider.
const starsCurrency = "XTR"

// How long the desk may take to decide about a payment, of the ten seconds after which Telegram gives it up; the rest is for the answer.
const (
	checkoutLimit  = 6 * time.Second
	checkoutAnswer = 3 * time.Second
)

// cashDesk decides about payments.
type cashDesk interface {
	// MayPay tells whether an invoice may be paid, or why not, in the payer's words.
	MayPay(ctx context.Context, in flows.Paying) (refusal string)
}

// checkout takes the question whether a payment may be made. It belongs to no chat, so that it waits behind nothing: Telegram gives the
// payment up after ten seconds.
func (a *arrival) checkout(q *models.PreCheckoutQuery) {
	a.note = "payment that is none of ours"
	if q.ID == "" || q.From == nil || q.From.ID <= 0 || q.From.IsBot {
		return
	}
	a.pay = &flows.Paying{Query: q.ID, User: q.From.ID, Language: language(q.From), TopUp: q.InvoicePayload}
	if q.Currency == starsCurrency {
		a.pay.Stars = int64(q.TotalAmount)
	}
	a.note = ""
}

// paid takes the notice of a payment.
func (a *arrival) paid(m *models.Message) {
	a.chat = m.Chat.ID
	p := m.SuccessfulPayment
	private := false
	if m.From != nil {
		private, _ = kind(m.Chat, m.From.ID)
	}
	if !private || p.Currency != starsCurrency || p.TelegramPaymentChargeID == "" || m.BusinessConnectionID != "" {
		a.note = "payment that is none of ours"
		return
	}
	a.input = &flows.Input{Update: a.id, Chat: m.Chat.ID, Private: true, User: m.From.ID, Language: language(m.From),
		Paid: &flows.Paid{Charge: p.TelegramPaymentChargeID, TopUp: p.InvoicePayload, Stars: int64(p.TotalAmount)}}
}

// decide answers whether a payment may be made. Whatever keeps it from an answer, Telegram takes as a no.
func (b *Bot) decide(ctx context.Context, d delivery) {
	defer d.settled(true) // a question that comes again comes too late
	refusal := b.words.Away(d.pay.Language)
	limited, cancel := context.WithTimeout(ctx, checkoutLimit)
	defer cancel()
	if cash, ok := b.desk.(cashDesk); ok {
		b.guard("checkout", func() { refusal = cash.MayPay(limited, *d.pay) })
	}
	limited, cancel = context.WithTimeout(ctx, checkoutAnswer)
	defer cancel()
	e := errand{rank: rankReply, lot: lotAnswer, repeat: true, patience: time.Second}
	err := b.out.do(limited, e, "answerPreCheckoutQuery", func(ctx context.Context) error {
		_, err := b.out.api.AnswerPreCheckoutQuery(ctx, &bot.AnswerPreCheckoutQueryParams{PreCheckoutQueryID: d.pay.Query, OK: refusal == "",
			ErrorMessage: toast(refusal)})
		return err
	})
	if err != nil {
		b.log.Warn("payment not decided", "error", err)
	}
}

// sendInvoice asks for Stars. The start parameter keeps forwarded copies from being paid by others.
func (s *sender) sendInvoice(ctx context.Context, e errand, i flows.Invoice) (int, error) {
	e.lot, e.repeat = lotSend, false
	return s.sent(ctx, e, "sendInvoice", func(ctx context.Context) (*models.Message, error) {
		return s.api.SendInvoice(ctx, &bot.SendInvoiceParams{ChatID: e.chat, Title: i.Title, Description: i.Text, Payload: i.TopUp,
			Currency: starsCurrency, Prices: []models.LabeledPrice{{Label: i.Title, Amount: int(i.Stars)}}, StartParameter: "topup"})
	})
}

// RefundStars gives a payment back. One that went back before is no error.
func (b *Bot) RefundStars(ctx context.Context, user int64, charge string) error {
	e := errand{chat: user, rank: rankNotice, lot: lotAnswer, repeat: true, patience: noticePatience}
	err := b.out.do(ctx, e, "refundStarPayment", func(ctx context.Context) error {
		_, err := b.out.api.RefundStarPayment(ctx, &bot.RefundStarPaymentParams{UserID: user, TelegramPaymentChargeID: charge})
		return err
	})
	if err != nil && !says(err, "CHARGE_ALREADY_REFUNDED") {
		return fmt.Errorf("refund Stars: %w", err)
	}
	return nil
}

// StarTransactions reads a page of Telegram's books, oldest first. What is no payment of a person to the bot, or its way back, has no payer.
func (b *Bot) StarTransactions(ctx context.Context, offset, limit int) ([]checkout.StarTransaction, error) {
	var got *models.StarTransactions
	e := errand{rank: rankNotice, lot: lotAnswer, repeat: true, patience: noticePatience}
	err := b.out.do(ctx, e, "getStarTransactions", func(ctx context.Context) error {
		var err error
		got, err = b.out.api.GetStarTransactions(ctx, &bot.GetStarTransactionsParams{Offset: offset, Limit: limit})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read Stars: %w", err)
	}
	list := make([]checkout.StarTransaction, 0, len(got.Transactions))
	for _, t := range got.Transactions {
		partner, back := t.Source, false
		if partner == nil {
			partner, back = t.Receiver, true
		}
		line := checkout.StarTransaction{Back: back}
		if partner != nil && partner.User != nil && partner.User.TransactionType == "invoice_payment" {
			line.StarPayment = checkout.StarPayment{Charge: t.ID, TopUp: partner.User.InvoicePayload, Payer: partner.User.User.ID, Stars: int64(t.Amount)}
		}
		list = append(list, line)
	}
	return list, nil
}
