package chart

import (
	"fmt"
)

// Bars compare groups: in each there is one bar for every series, side by side. The x
// axis has the names of the groups instead of numbers.
type Bars struct {
	Groups []string
	Series []Series
}

func (b Bars) depth() int  { return depthArea }
func (b Bars) keys() []key { return seriesKeys(b.Series) }

func (b Bars) check() error {
	if len(b.Groups) == 0 {
		return fmt.Errorf("bars have no groups")
	}
	return checkSeries("bars", len(b.Groups), b.Series, false)
}

func (b Bars) extent(_, y *extent) {
	y.add(0)
	for _, s := range b.Series {
		for _, v := range s.Values {
			y.add(v)
			if y.log { // room for the numbers at the tips
				y.add(v * 1.4)
			} else {
				y.add(v * 1.1)
			}
		}
	}
}

func (b Bars) draw(c *canvas, p *plane, keys []key) {
	place := p.width / float64(len(b.Groups))
	gap := max(6, place*0.18)
	width := min((place-gap)/float64(max(1, len(b.Series))), 56)
	base := p.bottom()
	if !p.y.log {
		base = p.y.at(max(0, p.y.lo))
	}
	// Either all bars have their numbers or none.
	numbered := true
	for _, s := range b.Series {
		for _, v := range s.Values {
			numbered = numbered && textWidth(p.format.Write(v), 11) <= width+6
		}
	}
	for i, k := range keys {
		c.f(`<g class="s %s" data-k="%d">`, k.color.class(), k.index)
		for j, group := range b.Groups {
			v := b.Series[i].Values[j]
			center := p.left + place*(float64(j)+0.5)
			left := center + width*(float64(i)-float64(len(b.Series))/2)
			tip := p.y.at(v)
			if !finite(tip) { // zero on a logarithmic axis has no height
				tip = base
			}
			written := p.format.Write(v)
			name := group
			if k.name != "" {
				name += ", " + k.name
			}
			c.f(`<rect x="%v" y="%v" width="%v" height="%v" rx="1.5" fill="currentColor"><title>%v: %s</title></rect>`,
				px(left+0.5), px(min(tip, base)), px(max(width-1, 1)), px(max(tip, base)-min(tip, base)), esc(name), esc(written))
			p.taken = append(p.taken, box{left, min(tip, base) - 16, left + width, max(tip, base)})
			if numbered {
				above := min(tip, base) - 4
				if v < 0 {
					above = max(tip, base) + 12
				}
				c.f(`<text x="%v" y="%v" text-anchor="middle" class="m halo v">%v</text>`, px(left+width/2), px(above), esc(written))
			}
		}
		c.f("</g>")
	}
}

// groupNames writes the names of groups below the axis, in up to four lines, and
// returns the y below them.
func groupNames(c *canvas, p *plane, groups []string) float64 {
	place, most := p.width/float64(len(groups)), 1
	for i, group := range groups {
		lines := wrap(group, 12, place-2, 4)
		most = max(most, len(lines))
		for j, line := range lines {
			c.text(p.left+place*(float64(i)+0.5), p.bottom()+18+15*float64(j), middle, "t", line)
		}
	}
	return p.bottom() + 18 + 15*float64(most-1)
}
