package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

var errNotUTF8 = errors.New("the body is not valid UTF-8")

// legibleJSON is JSON that refuses bytes which are not UTF-8. Go's own decoder puts other
// characters in their place, and an order would go to a name that nobody wrote.
var legibleJSON = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, value any) error {
		if !utf8.Valid(data) {
			return errNotUTF8
		}
		return json.Unmarshal(data, value)
	},
}

// legibleURL refuses a URL with text that a database cannot be asked about: bytes that are
// not UTF-8, or NUL.
func legibleURL(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		asked := c.Request().URL
		query, err := url.QueryUnescape(asked.RawQuery)
		if err != nil || !legible(asked.Path) || !legible(query) {
			return echo.NewHTTPError(http.StatusBadRequest)
		}
		return next(c)
	}
}

func legible(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
