package ocpay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"cardrop/providers"
)

// ask makes one call with the key and takes the envelope off. It returns a *providers.Refusal for what the supplier gives before anything
// is made; every other error leaves open what happened. It decides by the status first: misses of the router have no envelope.
func (c *Client) ask(ctx context.Context, call providers.Call) (json.RawMessage, error) {
	call.Header = map[string]providers.Secret{"X-Access-Token": c.token}
	a, err := c.wire.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	var envelope struct {
		Success *bool           `json:"success"`
		Data    json.RawMessage `json:"data"`
		Error   struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	unreadable := json.Unmarshal(a.Body, &envelope) != nil
	if a.Status/100 == 2 && !unreadable && len(envelope.Data) > 0 && (envelope.Success == nil || *envelope.Success) {
		return envelope.Data, nil
	}
	code := label(envelope.Error.Code, a.Status)
	switch a.Status {
	case http.StatusTooManyRequests:
		return nil, fmt.Errorf("ocpay %s: %w", call.Name, &providers.Refusal{Reason: providers.Busy, Code: code, After: a.RetryAfter})
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, fmt.Errorf("ocpay %s: %w", call.Name, &providers.Refusal{Reason: providers.Blocked, Code: code})
	case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge:
		return nil, fmt.Errorf("ocpay %s: %w", call.Name, &providers.Refusal{Reason: providers.Misused, Code: code})
	}
	return nil, fmt.Errorf("ocpay %s: %w: %s, answer of %d bytes", call.Name, providers.ErrUnknown, code, len(a.Body))
}

// label is the supplier's code, spelled one way, or the HTTP status. What does not look like a code is not repeated.
func label(code string, status int) string {
	code = strings.ReplaceAll(strings.ToUpper(code), "-", "_")
	if code == "" || len(code) > 40 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return fmt.Sprintf("HTTP_%d", status)
	}
	return code
}
