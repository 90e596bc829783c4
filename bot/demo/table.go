package demo

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Kinds of parameters.
const (
	kindText   = "text"
	kindWhole  = "int"
	kindTruth  = "bool"
	kindChat   = "chat" // a number or @username
	kindObject = "json"
	kindFile   = "file"   // an upload, a file_id or a URL
	kindURL    = "url"    // a text that may be empty though it is required
	kindClosed = "closed" // known to the Bot API, refused here
)

// method is one method of the Bot API: its parameters and what it does.
type method struct {
	name   string
	params []param
	run    func(*Telegram, *call) (any, *apiError)
	waits  bool // runs without the lock
}

type param struct {
	name, kind string
	required   bool
}

func (m *method) param(name string) *param {
	for i := range m.params {
		if m.params[i].name == name {
			return &m.params[i]
		}
	}
	return nil
}

// fits says whether a form value can be of the parameter's kind.
func (p param) fits(value string) bool {
	switch p.kind {
	case kindWhole:
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	case kindTruth:
		_, ok := truth(value)
		return ok
	case kindChat:
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil || strings.HasPrefix(value, "@")
	case kindObject:
		return value == "" || json.Valid([]byte(value))
	}
	return true
}

// truth reads a boolean as the Bot API does; ok is false for a text that is none.
func truth(value string) (on, ok bool) {
	switch strings.ToLower(value) {
	case "true", "yes", "t", "y", "1":
		return true, true
	case "false", "no", "f", "n", "0", "":
		return false, true
	}
	return false, false
}

// methods returns the emulated part of Bot API 10.3 by lower-case name, for method names are case-insensitive. In the lists "!" marks a
// required parameter. Source: the public reference of the Bot API.
func methods() map[string]*method {
	const (
		send = "business_connection_id:closed chat_id:chat! message_thread_id:int direct_messages_topic_id:closed " +
			"ephemeral_message_parameters:json disable_notification:bool protect_content:bool allow_paid_broadcast:closed " +
			"message_effect_id:closed suggested_post_parameters:closed reply_parameters:json reply_markup:json parse_mode:closed "
		edit     = "business_connection_id:closed chat_id:chat! message_id:int! inline_message_id:closed reply_markup:json "
		caption  = "caption:text caption_entities:json "
		above    = "show_caption_above_media:bool "
		scope    = "scope:json language_code:text"
		language = "language_code:text"
		whisper  = "chat_id:chat! receiver_user_id:int! ephemeral_message_id:int! "
	)
	table := map[string]*method{}
	add := func(name, params string, run func(*Telegram, *call) (any, *apiError)) {
		table[strings.ToLower(name)] = &method{name: name, params: parseParams(params), run: run, waits: name == "getUpdates"}
	}
	add("getMe", "", (*Telegram).me)
	add("getUpdates", "offset:int limit:int timeout:int allowed_updates:json", (*Telegram).getUpdates)
	add("setWebhook", "url:url! certificate:closed ip_address:closed max_connections:int allowed_updates:json "+
		"drop_pending_updates:bool secret_token:text", (*Telegram).setWebhook)
	add("deleteWebhook", "drop_pending_updates:bool", (*Telegram).deleteWebhook)
	add("getWebhookInfo", "", (*Telegram).webhookInfo)

	add("sendMessage", send+"text:text! entities:json link_preview_options:json", (*Telegram).sendMessage)
	add("sendPhoto", send+caption+above+"photo:file! has_spoiler:bool", (*Telegram).sendPhoto)
	add("sendDocument", send+caption+"document:file! thumbnail:closed disable_content_type_detection:bool", (*Telegram).sendDocument)
	add("sendInvoice", "chat_id:chat! message_thread_id:int direct_messages_topic_id:closed disable_notification:bool protect_content:bool "+
		"allow_paid_broadcast:closed message_effect_id:closed suggested_post_parameters:closed reply_parameters:json reply_markup:json title:text! description:text! payload:text! provider_token:text currency:text! prices:json! start_parameter:text "+
		"max_tip_amount:closed suggested_tip_amounts:closed provider_data:closed photo_url:closed photo_size:closed photo_width:closed photo_height:closed "+
		"need_name:closed need_phone_number:closed need_email:closed need_shipping_address:closed send_phone_number_to_provider:closed "+
		"send_email_to_provider:closed is_flexible:closed", (*Telegram).sendInvoice)
	add("answerPreCheckoutQuery", "pre_checkout_query_id:text! ok:bool! error_message:text", (*Telegram).answerCheckout)
	add("refundStarPayment", "user_id:int! telegram_payment_charge_id:text!", (*Telegram).refundStars)
	add("getStarTransactions", "offset:int limit:int", (*Telegram).starTransactions)
	add("editMessageText", edit+"text:text! parse_mode:closed entities:json link_preview_options:json rich_message:closed",
		(*Telegram).editText)
	add("editMessageCaption", edit+caption+above+"parse_mode:closed", (*Telegram).editCaption)
	add("editMessageMedia", edit+"media:json!", (*Telegram).editMedia)
	add("editMessageReplyMarkup", edit, (*Telegram).editMarkup)
	add("editEphemeralMessageText", whisper+"text:text! parse_mode:closed entities:json rich_message:closed link_preview_options:json reply_markup:json",
		(*Telegram).editWhisper)
	add("deleteEphemeralMessage", whisper, (*Telegram).deleteWhisper)
	add("deleteMessage", "chat_id:chat! message_id:int!", (*Telegram).deleteMessage)
	add("deleteMessages", "chat_id:chat! message_ids:json!", (*Telegram).deleteMessages)
	add("answerCallbackQuery", "callback_query_id:text! text:text show_alert:bool url:text cache_time:int", (*Telegram).answerCallback)
	add("sendChatAction", "business_connection_id:closed chat_id:chat! message_thread_id:int action:text!", (*Telegram).chatAction)

	add("setMyCommands", "commands:json! "+scope, (*Telegram).setCommands)
	add("getMyCommands", scope, (*Telegram).getCommands)
	add("deleteMyCommands", scope, (*Telegram).deleteCommands)
	add("setMyDescription", "description:text "+language, (*Telegram).setDescription)
	add("setMyShortDescription", "short_description:text "+language, (*Telegram).setShortDescription)
	add("setChatMenuButton", "chat_id:chat menu_button:json", (*Telegram).setMenuButton)

	add("getChat", "chat_id:chat!", (*Telegram).chatInfo)
	add("getChatMember", "chat_id:chat! user_id:int!", (*Telegram).chatMember)
	add("getChatAdministrators", "chat_id:chat! return_bots:bool", (*Telegram).chatAdmins)
	add("getFile", "file_id:text!", (*Telegram).getFile)
	return table
}

func parseParams(list string) []param {
	var params []param
	for field := range strings.FieldsSeq(list) {
		name, kind, _ := strings.Cut(field, ":")
		kind, required := strings.CutSuffix(kind, "!")
		params = append(params, param{name: name, kind: kind, required: required})
	}
	return params
}

// me answers getMe.
func (t *Telegram) me(*call) (any, *apiError) {
	return map[string]any{
		"id": t.bot.ID, "is_bot": true, "first_name": t.bot.FirstName, "username": t.bot.Username,
		"can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
	}, nil
}
