package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheEmbeddedShopKeepsItsSecret(t *testing.T) {
	t.Parallel()
	config := &Config{DataDir: filepath.Join(t.TempDir(), "data")}
	first, err := openSecret(config)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openSecret(config)
	if err != nil {
		t.Fatal(err)
	}
	other, err := openSecret(&Config{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if first.Token("o1") != again.Token("o1") || first.Token("o1") == other.Token("o1") {
		t.Error("the secret is not the shop's own")
	}
	info, err := os.Stat(filepath.Join(config.DataDir, "secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
}

func TestASecretIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, config := range []*Config{{DatabaseURL: "postgres://localhost/shop"}, {DataDir: t.TempDir(), Secret: "short"}} {
		if _, err := openSecret(config); err == nil || !strings.Contains(err.Error(), "SHOP_SECRET") || exitCode(err) != exitUsage {
			t.Errorf("error is %v", err)
		}
	}
}
