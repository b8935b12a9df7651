package config

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A pair is a key of a mapping with its value.
type pair struct {
	spot
	name string
}

// mostMerged bounds how many keys << merges in a file: with anchors that merge anchors, few lines could merge billions.
const mostMerged = 100_000

// pairs returns the keys of a mapping, those that << merges into it last. A key of its own wins over one that is merged.
func (d *decoder) pairs(node ast.MapNode) (all []pair) {
	d.open[node] = true
	defer delete(d.open, node)
	taken := map[string]bool{}
	var merged []pair
	for each := node.MapRange(); each.Next(); {
		if each.Key().IsMergeKey() {
			merged = append(merged, d.merged(each.Value())...)
			continue
		}
		found := pair{spot{each.Key(), each.Value()}, nameOf(each.Key())}
		if !taken[found.name] {
			all = append(all, found)
		}
		taken[found.name] = true
	}
	for _, found := range merged {
		if !taken[found.name] {
			all = append(all, found)
		}
		taken[found.name] = true
	}
	return all
}

// merged returns the keys of what stands behind <<.
func (d *decoder) merged(node ast.Node) (all []pair) {
	if d.merges > mostMerged {
		return nil
	}
	target := d.resolve(node)
	if d.open[target] {
		d.at(node, "%s", inACircle)
		return nil
	}
	switch n := target.(type) {
	case nil:
	case ast.MapNode:
		all = d.pairs(n)
	case *ast.SequenceNode:
		d.open[n] = true
		for _, entry := range n.Values {
			all = append(all, d.merged(entry)...)
		}
		delete(d.open, n)
	default:
		d.at(node, "<< merges the keys of an anchor; write <<: *NAME")
	}
	if d.merges <= mostMerged {
		if d.merges += 1 + len(all); d.merges > mostMerged {
			d.at(node, "<< merges thousands of keys in this file; write out what is meant")
		}
	}
	return all
}

const inACircle = "aliases lead in a circle here; write out what is meant"

// at notes an error at a node, of which nothing is shown: what an alias or a tag names may be a secret without quotes.
func (d *decoder) at(node ast.Node, format string, args ...any) {
	where := position(node)
	d.add(d.newError(where.Line, where.Column, "…", format, args...))
}

// nameOf returns a key as it is written.
func nameOf(key ast.Node) string {
	switch n := key.(type) {
	case *ast.MappingKeyNode:
		return nameOf(n.Value)
	case *ast.AnchorNode:
		return nameOf(n.Value)
	case *ast.TagNode:
		return nameOf(n.Value)
	case nil:
		return ""
	}
	return key.GetToken().Value
}

// isForAnchors tells the keys that are there only to be merged elsewhere, as Docker Compose has them.
func isForAnchors(name string) bool { return strings.HasPrefix(name, "x-") }

// findAnchors collects what aliases stand for.
func (d *decoder) findAnchors(root ast.Node) {
	d.anchors = map[string]ast.Node{}
	for _, found := range ast.Filter(ast.AnchorType, root) {
		anchor := found.(*ast.AnchorNode)
		name := nameOf(anchor.Name)
		if _, taken := d.anchors[name]; taken {
			d.at(anchor, "a second anchor has this name; give it another name, or write a value that begins with & in quotes")
		}
		d.anchors[name] = anchor.Value
	}
}

// resolve sees through anchors, aliases and tags. It returns nil, and notes why, if nothing is behind them.
func (d *decoder) resolve(node ast.Node) ast.Node {
	for seen := map[ast.Node]bool{}; !seen[node]; {
		seen[node] = true
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.TagNode:
			if !standardTag.MatchString(n.Start.Value) {
				d.at(n, "a ! in front names a tag, and there is none of this name; take it out, or write the value in quotes")
				return nil
			}
			node = n.Value
		case *ast.AliasNode:
			target, found := d.anchors[nameOf(n.Value)]
			if !found {
				d.at(n, `a * in front names an anchor, and none has this name; write the value in quotes, such as "*Complete"`)
				return nil
			}
			node = target
		default:
			return node
		}
		if node == nil {
			return ast.Null(nil)
		}
	}
	d.at(node, "%s", inACircle)
	return nil
}

var standardTag = regexp.MustCompile(`^!!(str|int|float|map|seq|null|bool)$`)

// glued matches a key whose value is not apart from it.
var glued = regexp.MustCompile(`^([a-z_]+)\s*([:=])`)
