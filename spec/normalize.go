package spec

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Normalize returns a spec's text without what has no meaning: comments, and
// how it is indented and spaced. Load reads the same of both. The text has to
// be one that Load reads without an error.
func Normalize(src []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		return nil, fmt.Errorf("normalize the spec: %w", err)
	}
	bare(&root, false)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&root); err != nil {
		return nil, fmt.Errorf("normalize the spec: %w", err)
	}
	return out.Bytes(), nil
}

// bare removes the comments of a node and of all below it. Text of several lines
// becomes quoted: in quotes every text comes back as it was. In braces, nothing
// becomes null, where yaml.v3 would write an empty text.
func bare(n *yaml.Node, flow bool) {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "\n") {
		n.Style = yaml.DoubleQuotedStyle
	}
	flow = flow || n.Style&yaml.FlowStyle != 0
	if flow && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Value == "" {
		n.Value = "null"
	}
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, child := range n.Content {
		bare(child, flow)
	}
}
