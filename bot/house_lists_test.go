package main

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// exposers are the functions that may read a Secret's text, each with its reason. A new entry is a new place where a code or a
// key lies open: it needs a reason that a stranger accepts.
func exposers() map[string]string {
	return map[string]string{
		"bot.Config.secrets":             "lists what the log has to mask, and finds the password inside of REDIS_URL",
		"bot.ConfigError.checkTelegram":  "looks at the shape of the bot token and of the webhook secret",
		"bot.ConfigError.checkAddresses": "looks at the form of REDIS_URL, which may hold a password",
		"bot.ConfigError.checkKeys":      "looks at the digits of the keys and compares them",
		"bot.knownForms":                 "builds the mask of the log from the secrets themselves",

		"bot/rehearsal.stage.build": "hands REDIS_URL, which may hold a password, to the rehearsal's own store",
		"bot.connect":               "hands REDIS_URL, which may hold a password, to the store",

		"bot/telegram.New":          "builds the Bot API address, which holds the token",
		"bot/telegram.wire.updates": "writes the Bot API address, which holds the token, into a request",
		"bot/telegram.Bot.setHook":  "tells Telegram the webhook secret",
		"bot/telegram.unseal":       "turns a page of codes into its message, after the deadline is stored",

		"bot/web.Links.draw": "turns cards into the answer to whoever opens a one-time link, after its end is stored",

		"flows.spreadsheet":  "writes the table of codes, itself a Secret",
		"flows.sheet.secret": "measures the spoiler that hides a code and writes the page, itself a Secret",

		"flows/checkout.newMasterKey": "reads the digits of the encryption key",
		"flows/checkout.packCard":     "packs a card to be sealed",
		"flows/checkout.packRaw":      "packs an unreadable answer to be sealed",
		"flows/checkout.identity":     "makes the keyed fingerprint of a code",
		"flows/checkout.fits":         "looks for empty, over-long and control characters in a card",
		"flows/checkout.mentions":     "looks for a code in an admin's note, so that it is not kept",

		"providers.Wire.request":                 "writes a supplier's key into a request header",
		"providers/giftz.Client.catalogChecksum": "signs a call",
		"providers/giftz.Client.buyChecksum":     "signs a call",
		"providers/giftz.decrypt":                "makes the cipher's key from the password",
		"providers/giftz.Client.Reparse":         "reads a sealed answer again",
		"providers/providertest.codes":           "compares what came with what the simulator sold",
	}
}

// writers are the functions that may make, change or remove files, each with its reason: the container's root is read-only and
// DATA_DIR is its only folder.
func writers() map[string]string {
	return map[string]string{
		"bot.writable":       "tries DATA_DIR at the start and leaves nothing there",
		"bot.headFile.Sight": "keeps the record's head in DATA_DIR, where Redis cannot lose it",

		"bot/backup.Keeper.write": "makes a backup in DATA_DIR: beside its place, then renamed",
		"bot/backup.Keeper.Keep":  "keeps a segment of the record in DATA_DIR: beside its place, then renamed",
		"bot/backup.Keeper.save":  "keeps what the next backup goes on from in DATA_DIR",
		"bot/backup.Keeper.clean": "removes what a killed process left half written",
		"bot/backup.Keeper.prune": "removes backups that are kept no longer",
		"bot.headFile.Checkpoint": "adds signed checkpoints of the record to a file in DATA_DIR",

		"bot/demo.openServer":   "makes the folder of the demo's redis-server",
		"bot/demo.memory.close": "removes that folder at the end",
	}
}

// TestListsAreNotStale finds entries of the lists whose function no longer does what the entry permits.
func TestListsAreNotStale(t *testing.T) {
	all := house(t)
	used := map[string]bool{}
	for _, s := range all {
		for where := range selections(s, "Expose", nil) {
			used[where] = true
		}
		for _, name := range writeCalls() {
			for where := range selections(s, name, osPackage) {
				used[where] = true
			}
		}
	}
	for where := range exposers() {
		if !used[where] {
			t.Errorf("%s exposes nothing: take it from the list", where)
		}
	}
	for where := range writers() {
		if !used[where] {
			t.Errorf("%s writes nothing: take it from the list", where)
		}
	}
}

func osPackage(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == "os"
}

// selections finds x.<name> in a file that is no test: by the function they stand in, such as "bot.Config.secrets", the first place.
func selections(s source, name string, on func(x ast.Expr) bool) map[string]string {
	found := map[string]string{}
	if s.test() {
		return found
	}
	for _, d := range s.tree.Decls {
		where := s.dir() + ".(package)"
		if f, ok := d.(*ast.FuncDecl); ok {
			where = strings.Join(slices.DeleteFunc([]string{s.dir(), receiver(f), f.Name.Name}, func(p string) bool { return p == "" }), ".")
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name && (on == nil || on(sel.X)) && found[where] == "" {
				found[where] = s.at(sel)
			}
			return true
		})
	}
	return found
}

// calls makes a rule: x.<name> stands only in listed functions.
func calls(name string, on func(x ast.Expr) bool, allowed map[string]string) func(all []source) []string {
	return func(all []source) []string {
		var found []string
		for _, s := range all {
			for where, at := range selections(s, name, on) {
				if allowed[where] == "" {
					found = append(found, at+": "+where+" may not call "+name)
				}
			}
		}
		slices.Sort(found)
		return found
	}
}

func writeCalls() []string {
	return []string{"Chmod", "Chown", "Create", "CreateTemp", "Link", "Mkdir", "MkdirAll", "MkdirTemp", "OpenFile", "Remove", "RemoveAll",
		"Rename", "Symlink", "Truncate", "WriteFile"}
}

func writes(all []source) []string {
	var found []string
	for _, name := range writeCalls() {
		found = append(found, calls(name, osPackage, writers())(all)...)
	}
	return found
}
