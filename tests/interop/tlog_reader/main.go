// Command tlog_reader checks an exported log with other people's code: the note and
// tlog packages of golang.org/x/mod, which the Go checksum database rests on.
//
//	tlog_reader FOLDER VKEY [OLD-SIZE...]
//
// It opens the signed checkpoint with the log's Ed25519 key, reads the hash tiles (each
// checked against the root by the library), proves every entry of the log, and that the
// log grew from the checkpoints of the sizes named.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // 256 hashes a tile

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: tlog_reader FOLDER VKEY [OLD-SIZE...]"))
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(folder, vkey string, oldSizes []string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	tree, err := open(filepath.Join(folder, "checkpoint"), verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint of %s: size %d\n", verifier.Name(), tree.N)
	hashes := tlog.TileHashReader(tree, tiles{folder})
	for index := int64(0); index < tree.N; index++ {
		if err := checkEntry(folder, tree, hashes, index); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	fmt.Printf("included: %d entries\n", tree.N)
	for _, size := range oldSizes {
		old, err := open(filepath.Join(folder, "checkpoints", size), verifier)
		if err != nil {
			return fmt.Errorf("checkpoints/%s: %w", size, err)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("from %d to %d: %w", old.N, tree.N, err)
		}
		fmt.Printf("consistent: from %d to %d\n", old.N, tree.N)
	}
	return nil
}

// open returns the tree that a signed note states, once its signature holds. The
// library's own parser is for one log only, so the three lines are read here.
func open(path string, verifier note.Verifier) (tree tlog.Tree, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, errors.New("not a checkpoint of that log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, errors.New("not a root")
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

func checkEntry(folder string, tree tlog.Tree, hashes tlog.HashReader, index int64) error {
	entry, err := readEntry(folder, tree.N, index)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// readEntry reads one entry of a bundle of tlog-tiles: two bytes of length, then bytes.
func readEntry(folder string, size, index int64) ([]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: index >> height, W: 1 << height}
	if width := size - tile.N<<height; width < 1<<height {
		tile.W = int(width)
	}
	name := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	for at := tile.N << height; ; at++ {
		if len(raw) < 2 || len(raw) < 2+int(binary.BigEndian.Uint16(raw)) {
			return nil, errors.New("bundle is cut short")
		}
		length := int(binary.BigEndian.Uint16(raw))
		if at == index {
			return raw[2 : 2+length], nil
		}
		raw = raw[2+length:]
	}
}

// tiles reads hash tiles of a folder; implements tlog.TileReader.
type tiles struct{ folder string }

func (tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		// tlog-tiles leaves out the height, which is always 8.
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		raw, err := os.ReadFile(filepath.Join(t.folder, name))
		if err != nil {
			return nil, err
		}
		found = append(found, raw)
	}
	return found, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
