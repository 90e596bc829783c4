package main

import (
	"errors"
	"math/big"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // SHOP_TIMEZONE works on machines without zone files, such as the container

	"github.com/caarlos0/env/v11"

	"cardrop/flows"
	"cardrop/providers"
)

// The values of SHOP_MODE.
const (
	modeLive    = "live"
	modeSandbox = "sandbox"
)

// publicBotAPI is Telegram's own Bot API server, the default of TELEGRAM_API_URL.
const publicBotAPI = "https://api.telegram.org"

// metricsOff is METRICS_ADDR when nobody asks for metrics.
const metricsOff = "off"

// Config is every setting of the program, one field each. The tag env is the setting's name, envDefault its default, and mend
// says what a right value looks like. Config may be printed: what is secret in it masks itself.
type Config struct {
	TelegramBotToken      providers.Secret `env:"TELEGRAM_BOT_TOKEN,required" mend:"take it from @BotFather in Telegram; it reads 123456789:letters"`
	TelegramAPIURL        string           `env:"TELEGRAM_API_URL" envDefault:"https://api.telegram.org" mend:"write https://host, http:// on loopback, or http:// in a private network together with TELEGRAM_API_INSECURE=true"`
	TelegramAPIInsecure   bool             `env:"TELEGRAM_API_INSECURE" envDefault:"false" mend:"write true or false"`
	TelegramWebhookURL    string           `env:"TELEGRAM_WEBHOOK_URL" mend:"write https://host/path as Telegram reaches it, or leave it out for long polling"`
	TelegramWebhookSecret providers.Secret `env:"TELEGRAM_WEBHOOK_SECRET" mend:"write 16 to 256 characters A-Z a-z 0-9 _ - of your own making"`

	ShopMode    string `env:"SHOP_MODE,required" mend:"write live with the suppliers' live keys, sandbox with their test keys"`
	ListenAddr  string `env:"LISTEN_ADDR" envDefault:":8080" mend:"write [host]:port, such as :8080"`
	PublicURL   string `env:"PUBLIC_URL" mend:"write https://host as customers reach it, or leave it out"`
	MetricsAddr string `env:"METRICS_ADDR" envDefault:"127.0.0.1:9090" mend:"write host:port, such as 127.0.0.1:9090, or off"`

	RedisURL        providers.Secret `env:"REDIS_URL,required" mend:"write redis://host:6379/0, rediss://host:6379/0, unix:///path, several redis:// addresses with commas for a cluster, or redis+sentinel://host:26379,host:26379/master"`
	RedisDurability string           `env:"REDIS_DURABILITY" envDefault:"checked" mend:"write checked, or assumed for a managed Redis that refuses to tell"`
	Shop            string           `env:"SHOP" envDefault:"main" mend:"write 1 to 32 small letters, digits and dashes"`

	EncryptionKey         providers.Secret   `env:"ENCRYPTION_KEY,required" mend:"write 64 hex digits; go run ./bot keygen prints a key"`
	EncryptionKeysRetired []providers.Secret `env:"ENCRYPTION_KEYS_RETIRED" mend:"write former keys, 64 hex digits each, with commas between them"`
	AdminIDs              []int64            `env:"ADMIN_IDS,required" mend:"write numeric Telegram user ids with commas between them, such as 123456789"`

	ShopCurrency    string              `env:"SHOP_CURRENCY" envDefault:"DZD" mend:"write an ISO 4217 code, such as DZD"`
	MarkupPercent   *big.Rat            `env:"MARKUP_PERCENT" envDefault:"5" mend:"write percent over cost as a decimal from 0 to 1000, such as 5 or 7.5"`
	PriceStep       int64               `env:"PRICE_STEP" envDefault:"1" mend:"write whole units of SHOP_CURRENCY, at least 1, such as 5"`
	Rates           map[string]*big.Rat `env:"RATES" mend:"write what one unit of another currency is worth in SHOP_CURRENCY, such as VND=0.0053,XTR=2.5"`
	ShopTimezone    *time.Location      `env:"SHOP_TIMEZONE" envDefault:"Africa/Algiers" mend:"write a name of the time zone database, such as Africa/Algiers"`
	DefaultLanguage string              `env:"DEFAULT_LANGUAGE" envDefault:"en" mend:"write the two letters of a language the shop speaks, such as en or fr"`
	SupportContact  string              `env:"SUPPORT_CONTACT" mend:"write one line of at most 200 characters, such as @your_support"`
	SupportHours    string              `env:"SUPPORT_HOURS" mend:"write one line of at most 200 characters, such as 9:00-22:00, Saturday to Thursday"`
	TopupMin        int64               `env:"TOPUP_MIN" envDefault:"500" mend:"write whole units of SHOP_CURRENCY, at least 1"`
	RefundAlone     int64               `env:"REFUND_ALONE" envDefault:"20000" mend:"write whole units of SHOP_CURRENCY, at least 0, such as 20000"`
	MarkupBand      string              `env:"MARKUP_BAND" envDefault:"0-50" mend:"write two percentages from 0 to 1000 with a dash between them, such as 0-50"`
	ReportWithin    time.Duration       `env:"REPORT_WITHIN" envDefault:"72h" mend:"write a duration from 1h to 8760h, such as 72h"`
	TopupMax        int64               `env:"TOPUP_MAX" mend:"write whole units of SHOP_CURRENCY, not below TOPUP_MIN, or leave it out for no limit"`

	PacePerson flows.Pace `env:"PACE_PERSON" envDefault:"40/2" mend:"write how often one person may ask at once, 10 to 10000, and how often a second after that, such as 40/2"`
	PaceGroup  flows.Pace `env:"PACE_GROUP" envDefault:"120/6" mend:"write how often all members of a group together may ask at once, 10 to 10000, and how often a second after that, such as 120/6"`

	TopupCCP       string `env:"TOPUP_CCP" mend:"write name|account|key, and |ceiling of a day in whole units if there is one, several accounts with semicolons, or leave it out"`
	TopupBaridiMob string `env:"TOPUP_BARIDIMOB" mend:"write name|RIP of 20 digits, and |ceiling of a day in whole units if there is one, several accounts with semicolons, or leave it out"`
	TopupCash      string `env:"TOPUP_CASH" mend:"write where and when cash is taken, and |ceiling of a day in whole units if there is one, several places with semicolons, or leave it out"`

	TopupStars      bool             `env:"TOPUP_STARS" envDefault:"false" mend:"write true to take Telegram Stars, else false; RATES says what XTR is worth"`
	TopupOCPayToken providers.Secret `env:"TOPUP_OCPAY_ACCESS_TOKEN" mend:"take it from OneClickDz, for an account that they have validated as a merchant, or leave it out"`
	TopupOCPayURL   string           `env:"TOPUP_OCPAY_BASE_URL" envDefault:"https://api.oneclickdz.com/v3" mend:"write https://api.oneclickdz.com/v3 (http on loopback only), or leave it out"`

	OneClickDzAccessToken   providers.Secret `env:"ONECLICKDZ_ACCESS_TOKEN" mend:"take it from OneClickDz, or leave out all ONECLICKDZ settings to keep this supplier off"`
	OneClickDzBaseURL       string           `env:"ONECLICKDZ_BASE_URL" mend:"write https://api.oneclickdz.com/v3 (http on loopback only), or leave out all ONECLICKDZ settings to keep this supplier off"`
	OneClickDzSharedAccount bool             `env:"ONECLICKDZ_SHARED_ACCOUNT" envDefault:"false" mend:"write true when another program buys with this account, else false"`
	GiftZUserName           string           `env:"GIFTZ_USER_NAME" mend:"take it from GiftZ, or leave out all GIFTZ settings to keep this supplier off"`
	GiftZSecureKey          providers.Secret `env:"GIFTZ_SECURE_KEY" mend:"take it from GiftZ, or leave out all GIFTZ settings to keep this supplier off"`
	GiftZPassword           providers.Secret `env:"GIFTZ_PASSWORD" mend:"take it from GiftZ, or leave out all GIFTZ settings to keep this supplier off"`
	GiftZBaseURL            string           `env:"GIFTZ_BASE_URL" mend:"write https://evoucher.giftz.vn/api/v1 or the sandbox address GiftZ gave you (http on loopback only), or leave out all GIFTZ settings"`
	GiftZPriceIs            string           `env:"GIFTZ_PRICE_IS" envDefault:"cost" mend:"write cost or face: what GiftZ's price means by your contract"`

	RevealTTL         time.Duration `env:"REVEAL_TTL" envDefault:"5m" mend:"write a duration from 10s to 24h, such as 5m"`
	MessageTTL        time.Duration `env:"MESSAGE_TTL" envDefault:"60s" mend:"write a duration from 1s to 24h, such as 60s"`
	FileTTL           time.Duration `env:"FILE_TTL" envDefault:"10m" mend:"write a duration from 1s to 24h, such as 10m"`
	RevealLimit       int           `env:"REVEAL_LIMIT" envDefault:"5" mend:"write how often one card may be shown, 1 to 100"`
	CardRetention     time.Duration `env:"CARD_RETENTION" envDefault:"720h" mend:"write a duration of at least 1h, such as 720h for 30 days"`
	UnopenedRetention time.Duration `env:"UNOPENED_RETENTION" envDefault:"8760h" mend:"write a duration not below CARD_RETENTION, such as 8760h for a year"`
	RecordRetention   time.Duration `env:"RECORD_RETENTION" envDefault:"17520h" mend:"write a duration of at least 720h, such as 17520h for two years, or 0 to keep the whole record in Redis"`
	PollSchedule      string        `env:"POLL_SCHEDULE" envDefault:"@every 5s" mend:"write five cron fields or @every with at least one second, such as @every 5s"`

	DataDir         string        `env:"DATA_DIR" mend:"write a folder that exists and that this program may write, such as /data"`
	OperatorsChat   int64         `env:"OPERATORS_CHAT" mend:"write a chat's numeric id, such as -1001234567890, or leave it out to write to every admin"`
	BackupRecipient string        `env:"BACKUP_RECIPIENT" mend:"write an age public key (age1 and 58 characters); go run ./bot keygen backup prints a pair, its secret half stays off this machine"`
	BackupEvery     time.Duration `env:"BACKUP_EVERY" envDefault:"6h" mend:"write a duration from 10m to 168h between two snapshots, such as 6h"`
	BackupDays      int           `env:"BACKUP_DAYS" envDefault:"30" mend:"write for how many days a snapshot a day is kept, 2 to 3660"`
}

// setting is what the tags of one field of Config say.
type setting struct {
	name     string
	fallback string // the default; empty for none
	required bool
	mend     string
	field    reflect.StructField
}

// secret tells whether the setting may come from a file named by <name>_FILE and is never printed.
func (s setting) secret() bool {
	t := s.field.Type
	return t == reflect.TypeFor[providers.Secret]() || t == reflect.TypeFor[[]providers.Secret]()
}

// settings lists all settings in the order of Config.
func settings() []setting {
	var all []setting
	for f := range reflect.TypeFor[Config]().Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("env"), ",")
		all = append(all, setting{
			name: name, fallback: f.Tag.Get("envDefault"), required: option == "required", mend: f.Tag.Get("mend"), field: f,
		})
	}
	return all
}

// LoadConfig reads and checks all settings. Its error is a *ConfigError that names every missing or bad setting at once and
// quotes no value. An empty value is the same as none. A secret may stand in a file named by <NAME>_FILE.
func LoadConfig(environ map[string]string) (Config, error) {
	var c Config
	e := &ConfigError{}
	clean := e.resolve(environ)
	err := env.ParseWithOptions(&c, env.Options{Environment: clean, FuncMap: parsers()})
	e.addParsed(err)
	e.check(c, clean)
	if len(e.wrong) > 0 {
		return Config{}, e
	}
	return c, nil
}

// addParsed takes over what the parser complains about, without its texts: they quote values.
func (e *ConfigError) addParsed(err error) {
	if err == nil {
		return
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		all.Errors = []error{err}
	}
	for _, err := range all.Errors {
		var unset env.VarIsNotSetError
		var bad env.ParseError
		switch {
		case errors.As(err, &unset):
			e.add(unset.Key, "missing") // unless its file was complained about already
		case errors.As(err, &bad):
			i := slices.IndexFunc(settings(), func(s setting) bool { return s.field.Name == bad.Name })
			e.add(settings()[i].name, "cannot be read")
		default:
			panic("settings have tags that cannot be parsed: " + err.Error())
		}
	}
}

// secrets lists every secret text of the settings, for the log's mask: also the password inside of REDIS_URL.
func (c Config) secrets() []providers.Secret {
	var all []providers.Secret
	for v := range fieldValues(c) {
		switch s := v.(type) {
		case providers.Secret:
			all = append(all, s)
		case []providers.Secret:
			all = append(all, s...)
		}
	}
	for address := range strings.SplitSeq(c.RedisURL.Expose(), ",") {
		if u, err := url.Parse(address); err == nil && u.User != nil {
			password, _ := u.User.Password()
			all = append(all, providers.NewSecret(password))
		}
	}
	return slices.DeleteFunc(all, providers.Secret.Empty)
}

// fieldValues walks the values of Config's fields.
func fieldValues(c Config) func(yield func(any) bool) {
	return func(yield func(any) bool) {
		for _, v := range reflect.ValueOf(c).Fields() {
			if !yield(v.Interface()) {
				return
			}
		}
	}
}

// ConfigError is all that is wrong with the settings.
type ConfigError struct {
	wrong map[string]string // by setting: the first thing found
}

// add notes what is wrong with a setting. The first complaint stands.
func (e *ConfigError) add(name, wrong string) {
	if e.wrong == nil {
		e.wrong = map[string]string{}
	}
	if e.wrong[name] == "" {
		e.wrong[name] = wrong
	}
}

// Error is one line for each bad setting: its name, what is wrong, how to mend it. Without a token it names the demo, too.
func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("these settings are missing or wrong (.env.example describes all of them):\n")
	if wrong := e.wrong[envFile]; wrong != "" {
		b.WriteString("  " + envFile + ": " + wrong + "\n")
	}
	for _, s := range settings() {
		if wrong := e.wrong[s.name]; wrong != "" {
			b.WriteString("  " + s.name + ": " + wrong + "; " + s.mend + "\n")
		}
	}
	if e.wrong["TELEGRAM_BOT_TOKEN"] == "missing" {
		b.WriteString("To look around without any settings: go run ./bot demo\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
