package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gorm.io/gorm"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/stock/infrastructure/store"
)

// The schema is the last guard: whatever the program does wrong, the database refuses
// to sell what there is not.
func TestTheDatabaseRefusesImpossibleStock(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if err := store.Seed(t.Context(), db, demo()); err != nil {
			t.Fatal(err)
		}
		// An edition of ten: six on hand, two of them reserved, three sold, four numbered.
		exec := func(sql string) error { return db.Direct(t.Context()).Exec(sql).Error }
		if err := errors.Join(
			exec(`UPDATE skus SET on_hand = 6, reserved = 2, sold = 3, issued = 4`),
			exec(`INSERT INTO reservations (order_id, state, version) VALUES ('o', 'held', 1)`),
		); err != nil {
			t.Fatal(err)
		}
		for _, impossible := range []string{
			`UPDATE skus SET on_hand = -1, reserved = -1`,
			`UPDATE skus SET reserved = 7`,
			`UPDATE skus SET reserved = -1`,
			`UPDATE skus SET on_hand = 8`,
			`UPDATE skus SET sold = 5, issued = 5`,
			`UPDATE skus SET sold = -1`,
			`UPDATE skus SET issued = 2`,
			`UPDATE skus SET issued = 11`,
			`UPDATE skus SET edition_size = 0, on_hand = 0, reserved = 0, sold = 0, issued = 0`,
			`UPDATE skus SET price_minor = 0`,
			`UPDATE skus SET currency = 'EURO'`,
			`UPDATE reservations SET state = 'lost'`,
			`UPDATE reservations SET state = 'rejected'`,
			`UPDATE reservations SET short_sku = 'TEST-01-S'`,
			`INSERT INTO reservation_lines (order_id, sku, quantity) VALUES ('o', 'TEST-01-S', 0)`,
			`INSERT INTO editions (sku, number) VALUES ('TEST-01-S', 0)`,
			`INSERT INTO restocks (sku, id, quantity, reason, restocked_at) VALUES ('TEST-01-S', 'a', 0, 'printed', 1)`,
			`INSERT INTO restocks (sku, id, quantity, reason, restocked_at) VALUES ('TEST-01-S', 'a', 1, 'stolen', 1)`,
		} {
			if err := exec(impossible); err == nil || !strings.Contains(strings.ToLower(err.Error()), "check constraint") {
				t.Errorf("%s: error is %v", impossible, err)
			}
		}
	})
}

func TestTheDatabaseRefusesASecondOwner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(A, 1)
		s.must(s.created(id), s.paid(id))
		again := fmt.Sprintf(`INSERT INTO editions (sku, number, order_id) VALUES ('%s', 1, '%s')`, A, id)
		if err := s.db.Direct(t.Context()).Exec(again).Error; !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("error is %v", err)
		}
	})
}
