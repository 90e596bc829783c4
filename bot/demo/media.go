package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/gif"  // decodes photos
	_ "image/jpeg" // decodes photos
	_ "image/png"  // decodes photos
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Kinds of media.
const (
	mediaPhoto    = "photo"
	mediaDocument = "document"
)

// Sizes in bytes.
const (
	maxDocument = 50 << 20
	maxPhoto    = 10 << 20
	maxDownload = 20 << 20
)

// File is an uploaded file. It is kept in memory as long as the Telegram lives, as the real server keeps it beyond its message.
type File struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	MIME    string `json:"mime,omitempty"`
	Size    int    `json:"size"` // bytes
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	kind    string
	path    string
	content []byte
}

// unique is the same for every file with the same content, as the real server's often is.
func (f *File) unique() string {
	sum := sha256.Sum256(f.content)
	return "AQAD" + hex.EncodeToString(sum[:8])
}

// File returns the content of a file by its id; ErrNoFile when there is none.
func (t *Telegram) File(id string) (File, []byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.files[id]
	if f == nil {
		return File{}, nil, ErrNoFile
	}
	return *f, bytes.Clone(f.content), nil
}

// sendPhoto answers the method of that name.
func (t *Telegram) sendPhoto(c *call) (any, *apiError) {
	m := &Message{Spoiler: c.boolean("has_spoiler")}
	return t.sendFile(c, m, mediaPhoto, &m.Photo)
}

// sendDocument answers the method of that name.
func (t *Telegram) sendDocument(c *call) (any, *apiError) {
	m := &Message{}
	return t.sendFile(c, m, mediaDocument, &m.Document)
}

func (t *Telegram) sendFile(c *call, m *Message, kind string, into **File) (any, *apiError) {
	if fail := c.captionInto(m); fail != nil {
		return nil, fail
	}
	if _, fail := c.writable(); fail != nil {
		return nil, fail
	}
	ref := c.values[kind]
	if c.uploads[kind] != nil {
		ref = "attach://" + kind
	}
	file, fail := c.media(ref, kind)
	if fail != nil {
		return nil, fail
	}
	*into = file
	return t.send(c, m)
}

// media finds the file that ref names: an upload of this request, or a file the server has. Addresses are not fetched.
func (c *call) media(ref, kind string) (*File, *apiError) {
	if name, ok := strings.CutPrefix(ref, "attach://"); ok {
		up := c.uploads[name]
		if up == nil {
			return nil, badRequest("wrong file identifier/HTTP URL specified: no file is attached as %q", name)
		}
		c.entry.FileName = up.name
		return c.t.store(up, kind)
	}
	f := c.t.files[ref]
	if f == nil {
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	if f.kind != kind {
		return nil, badRequest("can't use file of type %s as %s", f.kind, kind)
	}
	c.entry.FileName = f.Name
	return f, nil
}

// store keeps an upload under a new id.
func (t *Telegram) store(up *upload, kind string) (*File, *apiError) {
	f := &File{Name: up.name, Size: len(up.content), kind: kind, content: up.content}
	number := len(t.files) + 1
	switch {
	case len(up.content) == 0:
		return nil, badRequest("file must be non-empty")
	case kind == mediaPhoto:
		config, format, err := image.DecodeConfig(bytes.NewReader(up.content))
		if err != nil || config.Width+config.Height > 10000 {
			return nil, badRequest("IMAGE_PROCESS_FAILED")
		}
		if len(up.content) > maxPhoto {
			return nil, badRequest("file is too big")
		}
		f.Name, f.Width, f.Height, f.MIME = "", config.Width, config.Height, "image/"+format
		f.path = fmt.Sprintf("photos/file_%d.%s", number, format)
	case len(up.content) > maxDocument:
		return nil, &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
	default:
		extension := path.Ext(up.name)
		if f.MIME = mime.TypeByExtension(extension); f.MIME == "" {
			f.MIME = "application/octet-stream"
		}
		f.path = fmt.Sprintf("documents/file_%d%s", number, extension)
	}
	f.ID = fmt.Sprintf("BQACAgQAAx%08d", number)
	t.files[f.ID], t.paths[f.path] = f, f
	return f, nil
}

// getFile answers the method of that name.
func (t *Telegram) getFile(c *call) (any, *apiError) {
	f := t.files[c.values["file_id"]]
	if f == nil {
		return nil, badRequest("invalid file_id")
	}
	if f.Size > maxDownload {
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": f.ID, "file_unique_id": f.unique(), "file_size": f.Size, "file_path": f.path}, nil
}

// serveFile answers a download by the bot; rest is what follows "/file/bot" in the path.
func (t *Telegram) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, _ := strings.Cut(rest, "/")
	if token != t.opts.Token {
		writeAnswer(w, nil, &apiError{code: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	t.mu.Lock()
	f := t.paths[name]
	t.mu.Unlock()
	if f == nil || r.Method != http.MethodGet {
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	writeFile(w, f)
}

// writeFile sends a file so that no browser runs it.
func writeFile(w http.ResponseWriter, f *File) {
	h := w.Header()
	h.Set("Content-Type", f.MIME)
	h.Set("Content-Length", strconv.Itoa(f.Size))
	h.Set("X-Content-Type-Options", "nosniff")
	if f.kind == mediaDocument {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	_, _ = w.Write(f.content)
}
