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

// deepest is how many aliases may lead to each other.
const deepest = 20

// pairs returns the keys of a mapping, those that << merges into it last. A key of its own wins over one that is merged.
func (d *decoder) pairs(node ast.MapNode, key string, depth int) (all []pair) {
	if depth > deepest {
		d.note(key, "aliases lead in a circle here; write out what is meant")
		return nil
	}
	taken := map[string]bool{}
	var merged []pair
	for each := node.MapRange(); each.Next(); {
		if each.Key().IsMergeKey() {
			merged = append(merged, d.merged(each.Value(), key, depth+1)...)
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
func (d *decoder) merged(node ast.Node, key string, depth int) (all []pair) {
	where := position(node)
	switch n := d.resolve(node, key).(type) {
	case nil:
	case ast.MapNode:
		return d.pairs(n, key, depth)
	case *ast.SequenceNode:
		if depth > deepest {
			return nil
		}
		for _, entry := range n.Values {
			all = append(all, d.merged(entry, key, depth+1)...)
		}
	default:
		d.add(d.newError(where.Line, where.Column, "…", "<< merges the keys of an anchor; write <<: *NAME"))
	}
	return all
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
			where := position(anchor)
			d.add(d.newError(where.Line, where.Column, "&"+name, "a second anchor is named %s; give it another name", name))
		}
		d.anchors[name] = anchor.Value
	}
}

// resolve sees through anchors, aliases and tags. It returns nil, and notes why, if nothing is behind them.
func (d *decoder) resolve(node ast.Node, key string) ast.Node {
	for range deepest {
		where := position(node)
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.TagNode:
			if tag := n.Start.Value; !standardTag.MatchString(tag) {
				d.add(d.newError(where.Line, where.Column, tag, "there is no tag %s here; take it out", tag))
				return nil
			}
			node = n.Value
		case *ast.AliasNode:
			name := nameOf(n.Value)
			target, found := d.anchors[name]
			if !found {
				d.add(d.newError(where.Line, where.Column, "*"+name,
					`a * in front names an anchor, and no anchor is named %s; write "*%s" in quotes`, name, name))
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
	d.note(key, "aliases lead in a circle here; write out what is meant")
	return nil
}

var standardTag = regexp.MustCompile(`^!!(str|int|float|map|seq|null|bool)$`)

// glued matches a key whose value is not apart from it.
var glued = regexp.MustCompile(`^([a-z_]+)\s*([:=])`)
