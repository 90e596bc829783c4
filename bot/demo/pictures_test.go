package demo

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"
)

func picture(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, size, size))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPeopleSendPictures: the bot gets a photo with its caption; the same picture has the same unique id, another one another.
func TestPeopleSendPictures(t *testing.T) {
	tg := New(Options{Token: "1:a", Username: "b_bot", Cast: DefaultCast(9)})
	omar := DefaultCast(9)[1].ID
	var ids []string
	for _, size := range []int{3, 3, 4} {
		m, err := tg.SendPicture(omar, omar, picture(t, size), "00123")
		if err != nil || m.Photo == nil || m.Text != "00123" {
			t.Fatalf("%+v, %v", m, err)
		}
		ids = append(ids, m.Photo.unique())
	}
	if ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("unique ids %v", ids)
	}
	if _, err := tg.SendPicture(omar, omar, []byte("no picture"), ""); !errors.Is(err, ErrBadPicture) {
		t.Errorf("a text is a picture: %v", err)
	}
	server := httptest.NewServer(tg.Handler())
	defer server.Close()
	answer, err := http.Post(server.URL+"/client/picture?chat=71000002&user=71000002&caption=hi", "image/png", bytes.NewReader(picture(t, 5))) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	list := tg.History(omar)
	if last := list[len(list)-1]; answer.StatusCode != http.StatusOK || last.Photo == nil || last.Text != "hi" {
		t.Errorf("from the page: %s, %+v", answer.Status, last)
	}
}
