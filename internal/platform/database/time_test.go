package database_test

import (
	"testing"
	"time"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
)

func TestTimeComesBackAsItWent(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if err := db.Direct(t.Context()).Exec("CREATE TABLE moments (id INT, at BIGINT)").Error; err != nil {
			t.Fatal(err)
		}
		type moment struct {
			ID int
			At database.Time
		}
		tokyo := time.FixedZone("JST", 9*60*60)
		moments := []moment{
			{ID: 1, At: database.At(time.Date(2026, 11, 23, 9, 0, 0, 123456789, tokyo))},
			{ID: 2, At: database.At(time.Date(1969, 7, 20, 20, 17, 40, 999_999_000, time.UTC))},
			{ID: 3}, // never
		}
		if err := db.Direct(t.Context()).Create(&moments).Error; err != nil {
			t.Fatal(err)
		}
		var got []moment
		if err := db.Conn(t.Context()).Order("id").Find(&got).Error; err != nil {
			t.Fatal(err)
		}
		for i, want := range moments {
			if got[i].At != want.At {
				t.Errorf("moment %d is %v, want %v", want.ID, got[i].At, want.At)
			}
		}
		if micros := got[0].At.Nanosecond() / 1000; micros != 123456 {
			t.Errorf("%d microseconds, want 123456", micros)
		}
		var never int64
		if err := db.Conn(t.Context()).Table("moments").Where("at IS NULL").Count(&never).Error; err != nil || never != 1 {
			t.Errorf("%d moments are NULL (%v), want 1", never, err)
		}
	})
}

func TestNowIsTheDatabasesClockInMicroseconds(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var now database.Time
		if err := db.Conn(t.Context()).Raw("SELECT " + db.Now()).Row().Scan(&now); err != nil {
			t.Fatal(err)
		}
		if off := time.Since(now.Time).Abs(); off > time.Minute {
			t.Errorf("the database says %v, which is %v off", now, off)
		}
	})
}
