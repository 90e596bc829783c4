package demo

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBody is the largest request in bytes: a file of 50 MB and its fields.
const maxBody = 52 << 20

// upload is a file inside a multipart request.
type upload struct {
	name    string
	content []byte
}

// read takes the parameters from the query and the body, in any of the four forms of the Bot API, and checks them against the method's table.
func (c *call) read(w http.ResponseWriter, r *http.Request) *apiError {
	c.values, c.uploads = map[string]string{}, map[string]*upload{}
	body := bufio.NewReader(http.MaxBytesReader(w, r.Body, maxBody))
	fail := c.addForm(r.URL.Query())
	if _, err := body.Peek(1); fail == nil && !errors.Is(err, io.EOF) {
		fail = c.readBody(r.Header.Get("Content-Type"), body)
	}
	if id, err := strconv.ParseInt(c.values["chat_id"], 10, 64); err == nil {
		c.entry.ChatID = id
	}
	if fail != nil {
		return fail
	}
	return c.check()
}

func (c *call) readBody(contentType string, body io.Reader) *apiError {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return badRequest("can't parse the content type")
	}
	switch kind {
	case "multipart/form-data":
		raw, err := io.ReadAll(body)
		if err != nil {
			return unreadable(err)
		}
		// The reader takes a body that ends inside a part's header for a whole one.
		if !bytes.Contains(raw, []byte("--"+params["boundary"]+"--")) {
			return badRequest("can't read the request body")
		}
		return c.readMultipart(multipart.NewReader(bytes.NewReader(raw), params["boundary"]))
	case "application/json":
		return c.readJSON(body)
	case "application/x-www-form-urlencoded":
		raw, err := io.ReadAll(body)
		if err != nil {
			return unreadable(err)
		}
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return badRequest("can't parse the form")
		}
		return c.addForm(form)
	}
	return badRequest("unsupported content type %s", kind)
}

func (c *call) readMultipart(parts *multipart.Reader) *apiError {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return unreadable(err)
		}
		name := part.FormName()
		if part.FileName() == "" {
			if fail := c.add(name, string(content)); fail != nil {
				return fail
			}
			continue
		}
		if c.uploads[name] != nil {
			return badRequest("parameter %q is given twice", name)
		}
		c.uploads[name] = &upload{name: part.FileName(), content: content}
	}
}

// readJSON keeps each field as the text a form would carry.
func (c *call) readJSON(body io.Reader) *apiError {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(body).Decode(&fields); err != nil {
		return badRequest("can't parse JSON object")
	}
	for name, raw := range fields {
		value := string(bytes.TrimSpace(raw))
		if value == "null" {
			continue
		}
		if strings.HasPrefix(value, `"`) {
			if err := json.Unmarshal(raw, &value); err != nil {
				return badRequest("can't parse JSON object")
			}
		}
		if fail := c.add(name, value); fail != nil {
			return fail
		}
	}
	return nil
}

func (c *call) addForm(form url.Values) *apiError {
	for name, values := range form {
		for _, value := range values {
			if fail := c.add(name, value); fail != nil {
				return fail
			}
		}
	}
	return nil
}

func (c *call) add(name, value string) *apiError {
	if _, twice := c.values[name]; twice {
		return badRequest("parameter %q is given twice", name)
	}
	if !utf8.ValidString(value) {
		return badRequest("strings must be encoded in UTF-8")
	}
	c.values[name] = value
	return nil
}

func unreadable(err error) *apiError {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
	}
	return badRequest("can't read the request body")
}

// check refuses unknown parameters, missing ones, values of the wrong kind, and files that nothing refers to.
func (c *call) check() *apiError {
	for name := range c.values {
		if c.method.param(name) == nil {
			return badRequest("unknown parameter %q of %s", name, c.method.name)
		}
	}
	for name := range c.uploads {
		if p := c.method.param(name); (p == nil || p.kind != kindFile) && !c.attaches(name) {
			return badRequest("unknown parameter %q of %s", name, c.method.name)
		}
	}
	for _, p := range c.method.params {
		value, given := c.values[p.name]
		if p.kind == kindFile && c.uploads[p.name] != nil {
			given = true
		}
		if p.required && (!given || (value == "" && c.uploads[p.name] == nil && p.kind != kindURL)) {
			return missing(p.name)
		}
		if given && !p.fits(value) {
			return badRequest("wrong parameter %s in request", p.name)
		}
		if given && p.kind == kindClosed {
			return badRequest("parameter %s is not emulated", p.name)
		}
	}
	return nil
}

// attaches says whether a parameter refers to an uploaded file as attach://name.
func (c *call) attaches(name string) bool {
	for _, value := range c.values {
		if strings.Contains(value, "attach://"+name) {
			return true
		}
	}
	return false
}

func missing(name string) *apiError {
	switch name {
	case "text":
		return badRequest("message text is empty")
	case "message_id":
		return badRequest("message identifier is not specified")
	}
	return badRequest("%s is empty", name)
}

// integer returns a whole number that check has seen, zero when it is not given.
func (c *call) integer(name string) int64 {
	n, err := strconv.ParseInt(c.values[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (c *call) boolean(name string) bool {
	on, _ := truth(c.values[name])
	return on
}

// object decodes a JSON parameter into dst and refuses unknown fields in it; it says whether the parameter was given.
func (c *call) object(name string, dst any) (bool, *apiError) {
	raw, given := c.values[name]
	if !given || raw == "" {
		return false, nil
	}
	if err := strictJSON([]byte(raw), dst); err != nil {
		return true, badRequest("can't parse %s: %v", name, err)
	}
	return true, nil
}

// strictJSON decodes one value and nothing after it, without unknown fields.
func strictJSON(raw []byte, dst any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(dst); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more than one value")
	}
	return nil
}
