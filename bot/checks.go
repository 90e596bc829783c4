package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"github.com/caarlos0/env/v11"
	"github.com/robfig/cron/v3"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

// What a value looks like.
var (
	decimalShape   = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,12})?$`)
	tokenShape     = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	webhookShape   = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`) // the Bot API's rule for secret_token, with a least length
	shopShape      = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	recipientShape = regexp.MustCompile(`^age1[02-9ac-hj-np-z]{58}$`)
)

// errValue is a value that cannot be read; the setting's mend says how it should look.
var errValue = errors.New("cannot be read")

// stars is Telegram's own currency, which ISO 4217 does not know.
const stars = "XTR"

// parsers read the types of Config's fields that the library does not know.
func parsers() map[reflect.Type]env.ParserFunc {
	return map[reflect.Type]env.ParserFunc{reflect.TypeFor[map[string]*big.Rat](): parseRates, reflect.TypeFor[flows.Pace](): parsePace}
}

// parseRates reads VND=0.0053,XTR=2.5.
func parseRates(v string) (any, error) {
	rates := map[string]*big.Rat{}
	for pair := range strings.SplitSeq(v, ",") {
		code, text, _ := strings.Cut(strings.TrimSpace(pair), "=")
		code, text = strings.TrimSpace(code), strings.TrimSpace(text)
		if (!currency.IsValid(code) && code != stars) || rates[code] != nil || !decimalShape.MatchString(text) {
			return nil, errValue
		}
		rate, ok := new(big.Rat).SetString(text)
		if !ok || rate.Sign() == 0 {
			return nil, errValue
		}
		rates[code] = rate
	}
	return rates, nil
}

// check looks at what every setting says and at what they say together. environ holds the texts.
func (e *ConfigError) check(c Config, environ map[string]string) {
	e.checkTelegram(c)
	e.checkAddresses(c)
	e.checkKeys(c)
	e.checkPeople(c)
	e.checkMoney(c, environ)
	e.checkTopUps(c)
	e.checkSuppliers(c)
	e.checkTimes(c)
	e.checkRecord(c)
}

// is adds a complaint about a setting when it holds.
func (e *ConfigError) is(bad bool, name, wrong string) {
	if bad {
		e.add(name, wrong)
	}
}

func (e *ConfigError) checkTelegram(c Config) {
	token, hook := c.TelegramBotToken.Expose(), c.TelegramWebhookSecret
	e.is(token != "" && !tokenShape.MatchString(token), "TELEGRAM_BOT_TOKEN", "has not the shape of a bot token")
	e.is(!safeURL(c.TelegramAPIURL, c.TelegramAPIInsecure), "TELEGRAM_API_URL", "is not an address that keeps the token safe")
	e.is(c.TelegramWebhookURL != "" && !safeURL(c.TelegramWebhookURL, false), "TELEGRAM_WEBHOOK_URL", "is not an https address")
	e.is(c.TelegramWebhookURL != "" && hook.Empty(), "TELEGRAM_WEBHOOK_SECRET", "missing, although TELEGRAM_WEBHOOK_URL is set")
	e.is(c.TelegramWebhookURL == "" && !hook.Empty(), "TELEGRAM_WEBHOOK_URL", "missing, although TELEGRAM_WEBHOOK_SECRET is set")
	e.is(!hook.Empty() && !webhookShape.MatchString(hook.Expose()), "TELEGRAM_WEBHOOK_SECRET", "is too short, too long or has other characters")
}

func (e *ConfigError) checkAddresses(c Config) {
	e.is(c.ShopMode != "" && c.ShopMode != modeLive && c.ShopMode != modeSandbox, "SHOP_MODE", "is neither live nor sandbox")
	e.is(!listenable(c.ListenAddr), "LISTEN_ADDR", "is not an address to listen on")
	e.is(c.MetricsAddr != metricsOff && !listenable(c.MetricsAddr), "METRICS_ADDR", "is not an address to listen on")
	e.is(c.ListenAddr == c.MetricsAddr && !strings.HasSuffix(c.ListenAddr, ":0"), "METRICS_ADDR", "is the same as LISTEN_ADDR, but metrics stand apart")
	e.is(c.PublicURL != "" && !safeURL(c.PublicURL, false), "PUBLIC_URL", "is not an https address")
	e.is(c.PublicURL != "" && !rootURL(c.PublicURL), "PUBLIC_URL", "has more than scheme and host")
	e.is(!c.RedisURL.Empty() && !redisAddress(c.RedisURL.Expose()), "REDIS_URL", "is not an address of a Redis")
	e.is(c.RedisDurability != "checked" && c.RedisDurability != "assumed", "REDIS_DURABILITY", "is neither checked nor assumed")
	e.is(!shopShape.MatchString(c.Shop), "SHOP", "is not a name for keys")
}

func (e *ConfigError) checkKeys(c Config) {
	e.is(!c.EncryptionKey.Empty() && !goodKey(c.EncryptionKey.Expose()), "ENCRYPTION_KEY", "is not a key of 64 hex digits, or all its bytes are equal")
	seen := map[string]bool{}
	for _, retired := range c.EncryptionKeysRetired {
		key := strings.ToLower(retired.Expose())
		e.is(!goodKey(key), "ENCRYPTION_KEYS_RETIRED", "holds something that is not a key of 64 hex digits")
		e.is(seen[key], "ENCRYPTION_KEYS_RETIRED", "holds a key twice")
		seen[key] = true
	}
	e.is(seen[strings.ToLower(c.EncryptionKey.Expose())], "ENCRYPTION_KEY", "stands among the retired keys, too")
}

func (e *ConfigError) checkPeople(c Config) {
	for i, id := range c.AdminIDs {
		e.is(id <= 0, "ADMIN_IDS", "holds something that is not a user's id")
		e.is(slices.Contains(c.AdminIDs[:i], id), "ADMIN_IDS", "holds an id twice")
	}
	e.is(!line(c.SupportContact), "SUPPORT_CONTACT", "is not one line of text")
	e.is(!line(c.SupportHours), "SUPPORT_HOURS", "is not one line of text")
	_, err := flows.NewWords(flows.WordsOptions{Default: c.DefaultLanguage, Timezone: c.ShopTimezone, Currency: c.ShopCurrency})
	e.is(err != nil, "DEFAULT_LANGUAGE", "is not a language the shop speaks")
}

func (e *ConfigError) checkMoney(c Config, environ map[string]string) {
	e.is(!currency.IsValid(c.ShopCurrency), "SHOP_CURRENCY", "is not a currency")
	e.is(c.Rates[c.ShopCurrency] != nil, "RATES", "holds a rate of SHOP_CURRENCY to itself")
	if text, ok := environ["MARKUP_PERCENT"]; ok {
		e.is(!decimalShape.MatchString(text), "MARKUP_PERCENT", "is not a plain decimal")
	}
	e.is(c.MarkupPercent != nil && c.MarkupPercent.Cmp(big.NewRat(1000, 1)) > 0, "MARKUP_PERCENT", "is above 1000")
	const most = 1_000_000_000 // keeps sums in minor units far below 2^63
	e.is(c.PriceStep < 1 || c.PriceStep > most, "PRICE_STEP", "is below 1 or too large")
	e.is(c.TopupMin < 1 || c.TopupMin > most, "TOPUP_MIN", "is below 1 or too large")
	e.is(c.RefundAlone < 0 || c.RefundAlone > most, "REFUND_ALONE", "is below 0 or too large")
	e.is(c.ReportWithin < time.Hour || c.ReportWithin > 8760*time.Hour, "REPORT_WITHIN", "is below 1h or above 8760h")
	_, _, banded := band(c.MarkupBand)
	e.is(!banded, "MARKUP_BAND", "is not two percentages")
	e.is(environ["TOPUP_MAX"] != "" && (c.TopupMax < c.TopupMin || c.TopupMax > most), "TOPUP_MAX", "is below TOPUP_MIN or too large")
}

// checkTopUps looks at the accounts that money may be sent to.
func (e *ConfigError) checkTopUps(c Config) {
	for _, m := range transfers(c) {
		if m.setting == "" {
			continue
		}
		if _, err := checkout.NewTransfer(m.method, m.setting, 1); err != nil {
			e.add(m.name, err.Error())
		}
	}
	e.is(!safeURL(c.TopupOCPayURL, false), "TOPUP_OCPAY_BASE_URL", "is not an https address")
	e.is(!c.TopupOCPayToken.Empty() && c.ShopCurrency != "DZD", "TOPUP_OCPAY_ACCESS_TOKEN", "is set, but SHOP_CURRENCY is not DZD, the only one OCPay takes")
}

func (e *ConfigError) checkSuppliers(c Config) {
	e.together(map[string]bool{
		"ONECLICKDZ_ACCESS_TOKEN": !c.OneClickDzAccessToken.Empty(),
		"ONECLICKDZ_BASE_URL":     c.OneClickDzBaseURL != "",
	})
	e.together(map[string]bool{
		"GIFTZ_USER_NAME":  c.GiftZUserName != "",
		"GIFTZ_SECURE_KEY": !c.GiftZSecureKey.Empty(),
		"GIFTZ_PASSWORD":   !c.GiftZPassword.Empty(),
		"GIFTZ_BASE_URL":   c.GiftZBaseURL != "",
	})
	e.is(c.OneClickDzBaseURL != "" && !safeURL(c.OneClickDzBaseURL, false), "ONECLICKDZ_BASE_URL", "is not an https address")
	e.is(c.GiftZBaseURL != "" && !safeURL(c.GiftZBaseURL, false), "GIFTZ_BASE_URL", "is not an https address")
	e.is(c.GiftZPriceIs != "cost" && c.GiftZPriceIs != "face", "GIFTZ_PRICE_IS", "is neither cost nor face")
}

// together complains about settings that are missing although others of their group are set.
func (e *ConfigError) together(set map[string]bool) {
	some := false
	for _, is := range set {
		some = some || is
	}
	for name, is := range set {
		e.is(some && !is, name, "missing, although other settings of this supplier are set")
	}
}

func (e *ConfigError) checkTimes(c Config) {
	between := func(name string, d, least, most time.Duration) {
		e.is(d < least || d > most, name, "is too short or too long")
	}
	const day = 24 * time.Hour
	between("REVEAL_TTL", c.RevealTTL, 10*time.Second, day)
	between("MESSAGE_TTL", c.MessageTTL, time.Second, day) // Telegram lets a bot delete for 48 h; a day leaves room for outages
	between("FILE_TTL", c.FileTTL, time.Second, day)
	between("CARD_RETENTION", c.CardRetention, time.Hour, 100*365*day)
	between("UNOPENED_RETENTION", c.UnopenedRetention, c.CardRetention, 100*365*day)
	e.is(c.RevealLimit < 1 || c.RevealLimit > 100, "REVEAL_LIMIT", "is below 1 or above 100")
	_, err := cron.ParseStandard(c.PollSchedule)
	e.is(err != nil, "POLL_SCHEDULE", "is not a schedule")
	e.is(belowSecond(c.PollSchedule), "POLL_SCHEDULE", "is shorter than a second")
}

// belowSecond tells whether an @every schedule asks for less than a second, which cron would round up without a word.
func belowSecond(schedule string) bool {
	rest, ok := strings.CutPrefix(schedule, "@every")
	d, err := time.ParseDuration(strings.TrimSpace(rest))
	return ok && err == nil && d < time.Second
}

func (e *ConfigError) checkRecord(c Config) {
	e.is(c.ShopMode == modeLive && c.DataDir == "", "DATA_DIR", "missing, although SHOP_MODE is live: the record's head, checkpoints and backups go there")
	if c.DataDir != "" {
		if err := writable(c.DataDir); err != nil {
			e.add("DATA_DIR", "is no folder this program may write")
		}
	}
	e.is(recipientShape.MatchString(c.BackupRecipient) && c.DataDir == "", "DATA_DIR", "missing, although BACKUP_RECIPIENT is set: backups go there")
	e.is(c.RecordRetention != 0 && c.RecordRetention < 30*24*time.Hour, "RECORD_RETENTION", "is too short")
	e.is(c.BackupEvery < 10*time.Minute || c.BackupEvery > 7*24*time.Hour, "BACKUP_EVERY", "is too short or too long")
	e.is(c.BackupDays < 2 || c.BackupDays > 3660, "BACKUP_DAYS", "is below 2 or above 3660")
	e.is(c.BackupRecipient != "" && !recipientShape.MatchString(c.BackupRecipient), "BACKUP_RECIPIENT", "is not an age public key")
}

// writable tries whether a file can be made in a folder, and removes it.
func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".cardrop-*")
	if err != nil {
		return fmt.Errorf("try folder: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// goodKey tells whether a text is 32 bytes in hex that are not all equal.
func goodKey(text string) bool {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != 32 {
		return false
	}
	return slices.ContainsFunc(key, func(b byte) bool { return b != key[0] })
}

// safeURL tells whether an address is https, http on loopback, or, where that is allowed, http in a private network.
func safeURL(text string, insecure bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && (loopback(u.Hostname()) || insecure && private(u.Hostname()))
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// private tells whether a host stands in a private network: by its address, or by a name no public name server answers.
func private(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local")
}

// listenable tells whether a text is [host]:port. Port 0 is any free one.
func listenable(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// redisAddress knows the forms of REDIS_URL.
func redisAddress(text string) bool {
	if rest, ok := strings.CutPrefix(text, "redis+sentinel://"); ok {
		hosts, master, found := strings.Cut(rest, "/")
		return found && hosts != "" && master != "" && !slices.Contains(strings.Split(hosts, ","), "")
	}
	if path, ok := strings.CutPrefix(text, "unix://"); ok {
		return strings.Contains(path, "/")
	}
	for address := range strings.SplitSeq(text, ",") {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
			return false
		}
	}
	return true
}

// line tells whether a text is short and has no control characters.
func line(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= 200 && !strings.ContainsFunc(text, unicode.IsControl)
}
