package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tirage/internal/order/domain"
)

// openSecret returns the configured secret. The embedded default, which is alone on its
// data, keeps one in a file of its own, beside the database: who has only the database
// cannot make a token.
func openSecret(config *Config) (domain.Secret, error) {
	text := config.Secret
	switch {
	case text == "" && config.Embedded():
		kept, err := keptSecret(filepath.Join(config.DataDir, "secret"))
		if err != nil {
			return domain.Secret{}, fmt.Errorf("keep a secret in SHOP_DATA_DIR: %w", err)
		}
		text = kept
	case text == "":
		return domain.Secret{}, usageError{errors.New("SHOP_SECRET: needed with SHOP_DATABASE_URL, the same in every process: " +
			"try `openssl rand -hex 32`")}
	}
	secret, err := domain.NewSecret(text)
	if err != nil {
		return domain.Secret{}, usageError{fmt.Errorf("SHOP_SECRET: %w", err)}
	}
	return secret, nil
}

// keptSecret reads the file, or makes it: whole or not at all.
func keptSecret(path string) (string, error) {
	kept, err := os.ReadFile(path) //nolint:gosec // the path is the operator's own
	if !errors.Is(err, fs.ErrNotExist) {
		return string(kept), err
	}
	secret := rand.Text() + rand.Text()
	return secret, errors.Join(
		os.MkdirAll(filepath.Dir(path), 0o700),
		os.WriteFile(path+".new", []byte(secret), 0o600),
		os.Rename(path+".new", path),
	)
}
