package demo

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/google/go-cmp/cmp"
)

// TestTable compares the parameter table with the library's reading of the Bot API.
func TestTable(t *testing.T) {
	structs := map[string]any{
		"setwebhook": bot.SetWebhookParams{}, "deletewebhook": bot.DeleteWebhookParams{}, "sendmessage": bot.SendMessageParams{},
		"sendphoto": bot.SendPhotoParams{}, "senddocument": bot.SendDocumentParams{}, "editmessagetext": bot.EditMessageTextParams{},
		"editmessagecaption": bot.EditMessageCaptionParams{}, "editmessagemedia": bot.EditMessageMediaParams{},
		"editmessagereplymarkup": bot.EditMessageReplyMarkupParams{}, "deletemessage": bot.DeleteMessageParams{},
		"deletemessages": bot.DeleteMessagesParams{}, "editephemeralmessagetext": bot.EditEphemeralMessageTextParams{},
		"deleteephemeralmessage": bot.DeleteEphemeralMessageParams{}, "answercallbackquery": bot.AnswerCallbackQueryParams{},
		"sendchataction": bot.SendChatActionParams{}, "setmycommands": bot.SetMyCommandsParams{}, "getmycommands": bot.GetMyCommandsParams{},
		"deletemycommands": bot.DeleteMyCommandsParams{}, "setmydescription": bot.SetMyDescriptionParams{},
		"setmyshortdescription": bot.SetMyShortDescriptionParams{}, "setchatmenubutton": bot.SetChatMenuButtonParams{},
		"getchat": bot.GetChatParams{}, "getchatmember": bot.GetChatMemberParams{}, "getchatadministrators": bot.GetChatAdministratorsParams{},
		"getfile": bot.GetFileParams{}, "sendinvoice": bot.SendInvoiceParams{}, "answerprecheckoutquery": bot.AnswerPreCheckoutQueryParams{},
		"refundstarpayment": bot.RefundStarPaymentParams{}, "getstartransactions": bot.GetStarTransactionsParams{},
	}
	table := methods()
	for name, m := range table {
		if structs[name] == nil {
			if len(m.params) > 0 && name != "getupdates" { // the library keeps that struct to itself
				t.Errorf("%s is not compared", m.name)
			}
			continue
		}
		var ours, theirs []string
		for _, p := range m.params {
			ours = append(ours, p.name)
		}
		params := reflect.TypeOf(structs[name])
		for field := range params.Fields() {
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if tag != "disable_web_page_preview" { // the library's own: captions have no previews
				theirs = append(theirs, tag)
			}
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s (-library +table):\n%s", m.name, diff)
		}
	}
	for name := range structs {
		if table[name] == nil {
			t.Errorf("%s is not in the table", name)
		}
	}
}
