package main

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows"
)

const (
	keyA = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	keyB = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
)

// least is the smallest set of settings that works.
func least() map[string]string {
	return map[string]string{
		"TELEGRAM_BOT_TOKEN": "123456789:AAtoken",
		"SHOP_MODE":          modeSandbox,
		"REDIS_URL":          "redis://localhost:6379/0",
		"ENCRYPTION_KEY":     keyA,
		"ADMIN_IDS":          "7",
	}
}

// with adds NAME=value lines to the smallest set.
func with(lines ...string) map[string]string {
	environ := least()
	for _, l := range lines {
		name, value, _ := strings.Cut(l, "=")
		environ[name] = value
	}
	return environ
}

func TestDefaults(t *testing.T) {
	c, err := LoadConfig(least())
	if err != nil {
		t.Fatal(err)
	}
	if got := []any{c.TelegramAPIURL, c.ListenAddr, c.MetricsAddr, c.Shop, c.ShopCurrency, c.MarkupPercent.RatString(), c.PriceStep,
		c.ShopTimezone.String(), c.DefaultLanguage, c.TopupMin, c.TopupMax, c.RevealTTL, c.MessageTTL, c.FileTTL, c.RevealLimit,
		c.CardRetention, c.UnopenedRetention, c.PollSchedule, c.RedisDurability, c.GiftZPriceIs, c.OperatorsChat}; !cmp.Equal(got,
		[]any{publicBotAPI, ":8080", "127.0.0.1:9090", "main", "DZD", "5", int64(1),
			"Africa/Algiers", "en", int64(500), int64(0), 5 * time.Minute, time.Minute, 10 * time.Minute, 5,
			720 * time.Hour, 8760 * time.Hour, "@every 5s", "checked", "cost", int64(0)}) {
		t.Errorf("defaults are %v", got)
	}
}

func TestValues(t *testing.T) {
	c, err := LoadConfig(with("MARKUP_PERCENT=7.25", "RATES= VND=0.0053 , XTR=2.5", "ADMIN_IDS= 7, 8\n9,", "MESSAGE_TTL=90s",
		"ENCRYPTION_KEYS_RETIRED= "+keyB+" ", "OPERATORS_CHAT=-1001234567890", "SHOP_TIMEZONE=Asia/Ho_Chi_Minh", "DATA_DIR="+t.TempDir(),
		"SHOP_MODE=live", "TOPUP_MAX=20000", "FILE_TTL=", "SUPPORT_CONTACT=  @help  ", "DEFAULT_LANGUAGE=fr"))
	if err != nil {
		t.Fatal(err)
	}
	if c.MarkupPercent.Cmp(big.NewRat(29, 4)) != 0 {
		t.Errorf("markup is %s", c.MarkupPercent)
	}
	if p := paces(c); p.Person != (flows.Pace{Burst: 40, Second: 2}) || p.Group != (flows.Pace{Burst: 120, Second: 6}) {
		t.Errorf("paces are %+v", p)
	}
	if c.Rates["VND"].Cmp(big.NewRat(53, 10000)) != 0 || c.Rates["XTR"].Cmp(big.NewRat(5, 2)) != 0 || len(c.Rates) != 2 {
		t.Errorf("rates are %v", c.Rates)
	}
	if diff := cmp.Diff([]int64{7, 8, 9}, c.AdminIDs); diff != "" {
		t.Errorf("admins (-want +got):\n%s", diff)
	}
	if len(c.EncryptionKeysRetired) != 1 || c.EncryptionKeysRetired[0].Expose() != keyB {
		t.Error("retired keys are not read")
	}
	if c.MessageTTL != 90*time.Second || c.FileTTL != 10*time.Minute || c.OperatorsChat != -1001234567890 || c.TopupMax != 20000 ||
		c.ShopTimezone.String() != "Asia/Ho_Chi_Minh" || c.SupportContact != "@help" {
		t.Errorf("values are read as %+v", c)
	}
}

// named lists the settings an error speaks of.
func named(err error) []string {
	var names []string
	if err != nil {
		for _, m := range regexp.MustCompile(`(?m)^  (\.?[A-Za-z0-9_]+): `).FindAllStringSubmatch(err.Error(), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

func TestNothingSet(t *testing.T) {
	_, err := LoadConfig(nil)
	want := []string{"TELEGRAM_BOT_TOKEN", "SHOP_MODE", "REDIS_URL", "ENCRYPTION_KEY", "ADMIN_IDS"}
	if diff := cmp.Diff(want, named(err)); diff != "" {
		t.Errorf("named settings (-want +got):\n%s", diff)
	}
	for _, part := range []string{"go run ./bot demo", "go run ./bot keygen", "@BotFather"} {
		if !strings.Contains(fmt.Sprint(err), part) {
			t.Errorf("error does not name %s:\n%v", part, err)
		}
	}
	environ := least()
	delete(environ, "REDIS_URL")
	if _, err := LoadConfig(environ); strings.Contains(fmt.Sprint(err), "demo") {
		t.Errorf("the demo is named although there is a token:\n%v", err)
	}
}

func TestEachBadValueIsNamed(t *testing.T) {
	webhook := "TELEGRAM_WEBHOOK_URL=https://shop.example/hook"
	tests := []struct {
		lines []string
		want  string // the settings named, in order
	}{
		{[]string{"TELEGRAM_BOT_TOKEN=hello"}, "TELEGRAM_BOT_TOKEN"},
		{[]string{"TELEGRAM_API_URL=http://api.example"}, "TELEGRAM_API_URL"},
		{[]string{"TELEGRAM_API_URL=http://10.0.0.7:8081"}, "TELEGRAM_API_URL"},
		{[]string{"TELEGRAM_API_URL=http://10.0.0.7:8081", "TELEGRAM_API_INSECURE=true"}, ""},
		{[]string{"TELEGRAM_API_URL=http://botapi:8081", "TELEGRAM_API_INSECURE=true"}, ""},
		{[]string{"TELEGRAM_API_URL=http://8.8.8.8", "TELEGRAM_API_INSECURE=true"}, "TELEGRAM_API_URL"},
		{[]string{"TELEGRAM_API_URL=http://127.0.0.1:4000"}, ""},
		{[]string{"TELEGRAM_API_URL=http://[::1]:4000"}, ""},
		{[]string{"TELEGRAM_API_URL=https://user:pass@api.example"}, "TELEGRAM_API_URL"},
		{[]string{"TELEGRAM_API_INSECURE=perhaps"}, "TELEGRAM_API_INSECURE"},
		{[]string{webhook}, "TELEGRAM_WEBHOOK_SECRET"},
		{[]string{webhook, "TELEGRAM_WEBHOOK_SECRET=short"}, "TELEGRAM_WEBHOOK_SECRET"},
		{[]string{webhook, "TELEGRAM_WEBHOOK_SECRET=0123456789abcdef"}, ""},
		{[]string{"TELEGRAM_WEBHOOK_SECRET=0123456789abcdef"}, "TELEGRAM_WEBHOOK_URL"},
		{[]string{"TELEGRAM_WEBHOOK_URL=ftp://shop.example", "TELEGRAM_WEBHOOK_SECRET=0123456789abcdef"}, "TELEGRAM_WEBHOOK_URL"},
		{[]string{"SHOP_MODE=prod"}, "SHOP_MODE"},
		{[]string{"SHOP_MODE=live"}, "DATA_DIR"},
		{[]string{"DATA_DIR=/does/not/exist"}, "DATA_DIR"},
		{[]string{"LISTEN_ADDR=8080"}, "LISTEN_ADDR"},
		{[]string{"LISTEN_ADDR=:99999"}, "LISTEN_ADDR"},
		{[]string{"METRICS_ADDR=:8080"}, "METRICS_ADDR"},
		{[]string{"PUBLIC_URL=http://shop.example"}, "PUBLIC_URL"},
		{[]string{"REDIS_URL=localhost:6379"}, "REDIS_URL"},
		{[]string{"REDIS_URL=redis://a:6379,b:6379"}, "REDIS_URL"},
		{[]string{"REDIS_URL=redis://a:6379,redis://b:6379"}, ""},
		{[]string{"REDIS_URL=unix:///run/redis.sock"}, ""},
		{[]string{"REDIS_URL=rediss://:pass@a:6379/1"}, ""},
		{[]string{"REDIS_URL=redis+sentinel://a:26379,b:26379/main"}, ""},
		{[]string{"REDIS_URL=redis+sentinel://a:26379"}, "REDIS_URL"},
		{[]string{"REDIS_DURABILITY=never"}, "REDIS_DURABILITY"},
		{[]string{"SHOP=a{b}"}, "SHOP"},
		{[]string{"ENCRYPTION_KEY=" + keyA[:62]}, "ENCRYPTION_KEY"},
		{[]string{"ENCRYPTION_KEY=" + strings.Repeat("ab", 32)}, "ENCRYPTION_KEY"},
		{[]string{"ENCRYPTION_KEY=" + strings.ToUpper(keyB), "ENCRYPTION_KEYS_RETIRED=" + keyB}, "ENCRYPTION_KEY"},
		{[]string{"ENCRYPTION_KEYS_RETIRED=" + keyB + "," + keyB}, "ENCRYPTION_KEYS_RETIRED"},
		{[]string{"ENCRYPTION_KEYS_RETIRED=xyz"}, "ENCRYPTION_KEYS_RETIRED"},
		{[]string{"ADMIN_IDS=@somebody"}, "ADMIN_IDS"},
		{[]string{"ADMIN_IDS=7,7"}, "ADMIN_IDS"},
		{[]string{"ADMIN_IDS=-100123"}, "ADMIN_IDS"},
		{[]string{"SHOP_CURRENCY=dinar"}, "SHOP_CURRENCY"},
		{[]string{"MARKUP_PERCENT=-1"}, "MARKUP_PERCENT"},
		{[]string{"MARKUP_PERCENT=1/3"}, "MARKUP_PERCENT"},
		{[]string{"MARKUP_PERCENT=1001"}, "MARKUP_PERCENT"},
		{[]string{"PRICE_STEP=0"}, "PRICE_STEP"},
		{[]string{"PRICE_STEP=0.5"}, "PRICE_STEP"},
		{[]string{"RATES=VND"}, "RATES"},
		{[]string{"RATES=VND=0"}, "RATES"},
		{[]string{"RATES=VND=1,VND=2"}, "RATES"},
		{[]string{"RATES=QQQ=1"}, "RATES"},
		{[]string{"RATES=DZD=1"}, "RATES"},
		{[]string{"SHOP_TIMEZONE=Algiers"}, "SHOP_TIMEZONE"},
		{[]string{"DEFAULT_LANGUAGE=tlh"}, "DEFAULT_LANGUAGE"},
		{[]string{"SUPPORT_CONTACT=a\nb", "SUPPORT_HOURS=" + strings.Repeat("x", 201)}, "SUPPORT_CONTACT SUPPORT_HOURS"},
		{[]string{"PACE_PERSON=40"}, "PACE_PERSON"},
		{[]string{"PACE_PERSON=9/2", "PACE_GROUP=120/0"}, "PACE_PERSON PACE_GROUP"},
		{[]string{"PACE_PERSON=10001/2", "PACE_GROUP=120/-1"}, "PACE_PERSON PACE_GROUP"},
		{[]string{"PACE_PERSON=100/0.5"}, ""},
		{[]string{"TOPUP_MIN=0"}, "TOPUP_MIN"},
		{[]string{"TOPUP_MAX=499"}, "TOPUP_MAX"},
		{[]string{"REFUND_ALONE=-1"}, "REFUND_ALONE"},
		{[]string{"REPORT_WITHIN=59m"}, "REPORT_WITHIN"},
		{[]string{"MARKUP_BAND=5"}, "MARKUP_BAND"},
		{[]string{"MARKUP_BAND=50-5"}, "MARKUP_BAND"},
		{[]string{"MARKUP_BAND=0-1001"}, "MARKUP_BAND"},
		{[]string{"TOPUP_CCP=Mourad|0012345678|29"}, "TOPUP_CCP"},
		{[]string{"TOPUP_BARIDIMOB=Mourad|007"}, "TOPUP_BARIDIMOB"},
		{[]string{"TOPUP_CASH=;"}, "TOPUP_CASH"},
		{[]string{"ONECLICKDZ_ACCESS_TOKEN=k"}, "ONECLICKDZ_BASE_URL"},
		{[]string{"ONECLICKDZ_ACCESS_TOKEN=k", "ONECLICKDZ_BASE_URL=http://api.example"}, "ONECLICKDZ_BASE_URL"},
		{[]string{"ONECLICKDZ_SHARED_ACCOUNT=no way"}, "ONECLICKDZ_SHARED_ACCOUNT"},
		{[]string{"GIFTZ_PASSWORD=p"}, "GIFTZ_USER_NAME GIFTZ_SECURE_KEY GIFTZ_BASE_URL"},
		{[]string{"GIFTZ_PRICE_IS=unknown"}, "GIFTZ_PRICE_IS"},
		{[]string{"REVEAL_TTL=5"}, "REVEAL_TTL"},
		{[]string{"REVEAL_TTL=25h", "MESSAGE_TTL=0s", "FILE_TTL=48h"}, "REVEAL_TTL MESSAGE_TTL FILE_TTL"},
		{[]string{"REVEAL_LIMIT=0"}, "REVEAL_LIMIT"},
		{[]string{"CARD_RETENTION=5m"}, "CARD_RETENTION"},
		{[]string{"UNOPENED_RETENTION=24h"}, "UNOPENED_RETENTION"},
		{[]string{"POLL_SCHEDULE=often"}, "POLL_SCHEDULE"},
		{[]string{"POLL_SCHEDULE=@every 10ms"}, "POLL_SCHEDULE"},
		{[]string{"POLL_SCHEDULE=*/5 * * * *"}, ""},
		{[]string{"OPERATORS_CHAT=@ops"}, "OPERATORS_CHAT"},
		{[]string{"BACKUP_RECIPIENT=age1x"}, "BACKUP_RECIPIENT"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.lines, " "), func(t *testing.T) {
			c, err := LoadConfig(with(tt.lines...))
			if got := strings.Join(named(err), " "); got != tt.want {
				t.Errorf("named %q, want %q\n%v", got, tt.want, err)
			}
			if err != nil && !cmp.Equal(c.ListenAddr, "") {
				t.Error("a Config came with the error")
			}
		})
	}
}

func TestThreat07ErrorsQuoteNoValue(t *testing.T) {
	const canary = "CANARYx7Qp"
	environ, files := map[string]string{}, map[string]string{}
	for _, s := range settings() {
		environ[s.name] = canary
		files[s.name+fileSuffix] = canary // as if the secret itself stood where its file's path belongs
	}
	for _, env := range []map[string]string{environ, files} {
		_, err := LoadConfig(env)
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), canary) {
			t.Errorf("error is missing or quotes a value:\n%v", err)
		}
	}
}

func TestThreat07KeyFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good, wide := write("good", keyB+"\n", 0o600), write("wide", keyB, 0o644)
	group, empty := write("group", keyB, 0o440), write("empty", "\n", 0o600)
	tests := []struct{ name, file, inline, want string }{
		{"owner only", good, "", ""},
		{"group may read", group, "", ""},
		{"everybody may read", wide, "", "chmod 600"},
		{"empty", empty, "", "is empty"},
		{"missing", folder + "/none", "", "missing"},
		{"a folder", folder, "", "ENCRYPTION_KEY"},
		{"both", good, keyA, "set twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := LoadConfig(with("ENCRYPTION_KEY="+tt.inline, "ENCRYPTION_KEY_FILE="+tt.file))
			if tt.want == "" {
				if err != nil || c.EncryptionKey.Expose() != keyB {
					t.Errorf("key is not read: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || len(named(err)) != 1 {
				t.Errorf("error is %v, want one line with %q", err, tt.want)
			}
		})
	}
	if _, err := LoadConfig(with("SHOP_FILE=" + good)); err == nil || !strings.Contains(err.Error(), "only secrets") {
		t.Errorf("a file for a setting that is no secret: %v", err)
	}
}

func TestEnvFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), envFile)
	text := "TELEGRAM_BOT_TOKEN=1:abc\nSHOP_MODE=sandbox\nREDIS_URL=redis://file:6379\nENCRYPTION_KEY=" + keyA + "\nADMIN_IDS=7\n"
	save := func(text string, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(file, []byte(text), 0o600), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
	}
	save(text, 0o600)
	c, err := loadSettings(file, []string{"REDIS_URL=redis://process:6379", "SHOP_MODE="})
	if err != nil || c.RedisURL.Expose() != "redis://process:6379" || c.ShopMode != modeSandbox {
		t.Errorf("merged settings: %v", err)
	}
	save(text+"SHOP=a b", 0o644)
	if _, err := loadSettings(file, nil); !cmp.Equal(named(err), []string{".env", "SHOP"}) {
		t.Errorf("a readable file and a bad value: %v", err)
	}
	save("SHOP=main\n", 0o644)
	if _, err := loadSettings(file, nil); strings.Contains(fmt.Sprint(err), "chmod") {
		t.Errorf("a file without secrets is refused: %v", err)
	}
	save("=CANARY\n'", 0o600)
	if _, err := loadSettings(file, nil); !strings.Contains(fmt.Sprint(err), ".env: cannot be read") || strings.Contains(fmt.Sprint(err), "CANARY") {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := loadSettings(file+".none", nil); len(named(err)) != 5 {
		t.Errorf("no file: %v", err)
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	c, err := LoadConfig(with("REDIS_URL=redis://user:CANARYpass@h:6379", "ENCRYPTION_KEYS_RETIRED="+keyB))
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v", c, c, c)
	for _, s := range []string{"CANARY", keyA, keyB, "AAtoken"} {
		if strings.Contains(printed, s) {
			t.Errorf("printed settings hold %s", s)
		}
	}
	var got []string
	for _, s := range c.secrets() {
		got = append(got, s.Expose())
	}
	want := []string{"123456789:AAtoken", "redis://user:CANARYpass@h:6379", keyA, keyB, "CANARYpass"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}
