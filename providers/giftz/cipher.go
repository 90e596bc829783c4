package giftz

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
)

// errSealed is the one error of decrypt: what exactly was wrong is told to nobody, since the cipher has no integrity check
// of its own and a more exact answer would help whoever can alter it.
var errSealed = errors.New("secure data cannot be decrypted")

// checksum joins the parts without a separator and gives the base64 of the raw SHA-256 digest, as the supplier asks.
func checksum(parts ...string) string {
	digest := sha256.Sum256([]byte(strings.Join(parts, "")))
	return base64.StdEncoding.EncodeToString(digest[:])
}

// catalogChecksum signs get-available-vouchers: user name, secure key, time.
func (c *Client) catalogChecksum(at time.Time) string {
	return checksum(c.o.UserName, c.o.SecureKey.Expose(), strconv.FormatInt(at.Unix(), 10))
}

// buyChecksum signs buy-voucher: the order of the parts differs from the order of the request's fields.
func (c *Client) buyChecksum(p providers.Placement, at time.Time) string {
	return checksum(c.o.UserName, p.Ref, p.SKU, strconv.Itoa(p.Quantity), c.o.SecureKey.Expose(), strconv.FormatInt(at.Unix(), 10))
}

// decrypt opens "ivHex:cipherHex": AES-256-CBC with strict PKCS#7 padding. The key is the password's bytes, zero-padded or
// cut to 32, as the supplier's PHP does it.
func decrypt(password providers.Secret, sealed string) ([]byte, error) {
	ivHex, cipherHex, ok := strings.Cut(sealed, ":")
	if !ok {
		return nil, errSealed
	}
	iv, err := hex.DecodeString(ivHex)
	if err != nil || len(iv) != aes.BlockSize {
		return nil, errSealed
	}
	text, err := hex.DecodeString(cipherHex) // refuses a second colon, blanks and an odd digit
	if err != nil || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, errSealed
	}
	var key [keyLength]byte
	copy(key[:], password.Expose())
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, errSealed
	}
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(text, text)
	return unpad(text)
}

// unpad takes PKCS#7 padding off; every byte of it is checked.
func unpad(text []byte) ([]byte, error) {
	n := int(text[len(text)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, errSealed
	}
	for _, b := range text[len(text)-n:] {
		if int(b) != n {
			return nil, errSealed
		}
	}
	return text[:len(text)-n], nil
}
