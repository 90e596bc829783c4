package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"time"
)

// healthLimit is how long the program may take to say that it is well.
const healthLimit = 3 * time.Second

// healthcheck asks the program on this machine whether it is well, at the address that listen, its LISTEN_ADDR, gives it; empty is
// the default. It returns an error unless /healthz answers 200 within the limit.
func healthcheck(ctx context.Context, listen string) error {
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	address, err := healthURL(listen)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("ask health: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: the program is on this machine
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask health: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask health: answer is %s", resp.Status)
	}
	return nil
}

// healthURL is where a program with this LISTEN_ADDR is asked: on loopback, unless it listens on one address only.
func healthURL(listen string) (string, error) {
	if listen == "" {
		f, _ := reflect.TypeFor[Config]().FieldByName("ListenAddr")
		listen = f.Tag.Get("envDefault")
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil || !listenable(listen) || port == "0" {
		return "", errors.New("LISTEN_ADDR is not [host]:port with a port of its own")
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz", nil
}
