package sandbox

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
)

// buyChecksum is what a buy-voucher request must carry.
func (s *Server) buyChecksum(r request) string {
	return digest(fmt.Sprintf("%s%s%s%d%s%d", r.UserName, r.TransID, r.VoucherID, r.Quantity, s.o.SecureKey, r.Time))
}

// catalogChecksum is what a get-available-vouchers request must carry.
func (s *Server) catalogChecksum(r request) string {
	return digest(fmt.Sprintf("%s%s%d", r.UserName, s.o.SecureKey, r.Time))
}

func digest(message string) string {
	h := sha256.New()
	h.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// encrypt is "ivHex:cipherHex" with a fresh iv, as openssl_encrypt of PHP does it: the password itself is the key, padded with
// zero bytes or cut to 32.
func encrypt(password string, plain []byte) string {
	key := append([]byte(password), make([]byte, 32)...)[:32]
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("sandbox: a key of 32 bytes was refused") // cannot happen
	}
	n := aes.BlockSize - len(plain)%aes.BlockSize
	text := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
	iv := make([]byte, aes.BlockSize)
	_, _ = rand.Read(iv) // never fails
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	return hex.EncodeToString(iv) + ":" + hex.EncodeToString(text)
}
