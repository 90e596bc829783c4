package main

import (
	"regexp"
	"strings"
	"testing"
)

// service is the part of a compose file that describes one service.
func service(text, name string) string {
	_, text, _ = strings.Cut(text, "\n  "+name+":\n")
	if end := regexp.MustCompile(`(?m)^ {0,2}[a-z]`).FindStringIndex(text); end != nil {
		text = text[:end[0]]
	}
	return regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
}

// brokenCompose lists what a compose file does not promise.
func brokenCompose(text string) []string {
	var wrong []string
	lacks := func(name string, parts ...string) {
		for _, part := range parts {
			if !strings.Contains(service(text, name), part) {
				wrong = append(wrong, name+" lacks "+part)
			}
		}
	}
	for _, name := range []string{"bot", "redis", "proxy"} {
		lacks(name, "read_only: true", "cap_drop: [ALL]", `security_opt: ["no-new-privileges:true"]`, "mem_limit: ", "memswap_limit: ",
			"max-size: ", "max-file: ", "core: 0", "restart: unless-stopped")
	}
	lacks("bot", "data:/data", `user: "65532:65532"`, "DATA_DIR: /data", "condition: service_healthy")
	lacks("redis", "--appendonly\n      - \"yes\"", "--appendfsync\n      - always", "--maxmemory-policy\n      - noeviction", "redis:/data")
	lacks("proxy", "profiles: [links]", `"--from", "${SHOP_DOMAIN:-`, `"--to", "bot:8080"`, "443:443", "proxy:/data")
	if strings.Count(text, "${SHOP_DOMAIN") != 1 {
		wrong = append(wrong, "the domain stands in more than one place, or in none")
	}
	if strings.Contains(service(text, "redis"), "ports:") {
		wrong = append(wrong, "Redis is open to the outside")
	}
	for _, m := range regexp.MustCompile(`(?m)^ +- "?([^"\s]*:8080)"?`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "127.0.0.1:") {
			wrong = append(wrong, "the listener is open without TLS: "+m[1])
		}
	}
	for _, s := range settings() {
		if s.secret() && s.name != "REDIS_URL" && regexp.MustCompile(`(?m)^ *`+s.name+`:`).MatchString(text) {
			wrong = append(wrong, "the secret "+s.name+" stands in the file")
		}
	}
	return wrong
}

func TestCompose(t *testing.T) {
	text := texts(t)["compose.yaml"]
	for _, wrong := range brokenCompose(text) {
		t.Error(wrong)
	}
	controls(t, text, brokenCompose, [][2]string{
		{"- always", "- everysec"},
		{"- noeviction", "- allkeys-lru"},
		{"--appendonly\n      - \"yes\"", "--appendonly\n      - \"no\""},
		{"read_only: true", "read_only: false"},
		{"max-size: 10m", "mode: non-blocking"},
		{"mem_limit: 1g", ""},
		{"image: redis:7", "image: redis:7\n    ports:\n      - \"6379:6379\""},
		{"127.0.0.1:8080:8080", "8080:8080"},
		{"profiles: [links]", ""},
		{"${SHOP_DOMAIN:-localhost}", "shop.example"},
		{"\"bot:8080\"", "\"redis:6379\""},
		{"      DATA_DIR: /data", "      DATA_DIR: /data\n      ENCRYPTION_KEY: abc"},
	})
}
