"""What a disk may hold after a loss of power: a model of a file system that keeps only what it must.

Content that was not synced may be whole, cut, empty, zeroed, or what it was before. Every subset of the
changes of names in a directory that was not synced may have happened.
That is worse than any real file system.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from neuromod.store.atomic import SUFFIX
from neuromod.store.disk import Disk

Tree = dict[str, bytes | None]
"""Content of every file by its path; None: a directory."""


@dataclass
class Inode:
    """A file: what must be on the device, what may be; a directory has no content."""

    kept: bytes | None = None
    now: bytes = b""
    directory: bool = False

    def variants(self) -> list[bytes]:
        """What may be read after a loss of power."""
        if self.kept == self.now:
            return [self.now]
        now, half = self.now, len(self.now) // 2
        made = {now, b"", now[:half], now[:512], bytes(len(now)), now[:half] + bytes(len(now) - half)}
        return sorted(made | ({self.kept} if self.kept is not None else set()))


@dataclass(frozen=True)
class Naming:
    """A change of names in one directory: `removed` goes and `added` comes, in one step."""

    removed: str = ""
    added: str = ""
    inode: Inode | None = None

    @property
    def folder(self) -> str:
        """The directory that is changed."""
        return str(Path(self.added or self.removed).parent)


@dataclass
class Model:
    """Names that must be on the device, changes that may be, and what stands there as long as power is on."""

    kept: dict[str, Inode] = field(default_factory=dict)
    pending: list[Naming] = field(default_factory=list)
    now: dict[str, Inode] = field(default_factory=dict)

    def name(self, naming: Naming) -> None:
        """Change names."""
        self.pending.append(naming)
        _apply(self.now, naming)

    def sync_directory(self, path: str) -> None:
        """Every change in a directory is safe."""
        for naming in [naming for naming in self.pending if naming.folder == path]:
            _apply(self.kept, naming)
            self.pending.remove(naming)

    def trees(self) -> Iterator[Tree]:
        """Everything that may be found."""
        for chosen in itertools.product((False, True), repeat=len(self.pending)):
            names = dict(self.kept)
            for happened, naming in zip(chosen, self.pending, strict=True):
                if happened:
                    _apply(names, naming)
            yield from _contents({name: inode for name, inode in names.items() if _reachable(name, names)})


def _apply(names: dict[str, Inode], naming: Naming) -> None:
    names.pop(naming.removed, None)
    if naming.inode is not None:
        names[naming.added] = naming.inode


def _reachable(name: str, names: Mapping[str, Inode]) -> bool:
    above = str(Path(name).parent)
    return above == "." or (above in names and _reachable(above, names))


def _contents(names: Mapping[str, Inode]) -> Iterator[Tree]:
    fixed: Tree = {name: None for name, inode in names.items() if inode.directory}
    # Temporary files are removed unread.
    fixed |= {name: b"" for name in names if name.endswith(SUFFIX)}
    open_ = {name: inode for name, inode in names.items() if name not in fixed}
    for contents in itertools.product(*(inode.variants() for inode in open_.values())):
        yield fixed | dict(zip(open_, contents, strict=True))


class Traced(Disk):
    """Does everything, and tells a model of it; `after` is called after each operation."""

    def __init__(self, root: Path, model: Model) -> None:
        self.root, self.model = root, model
        self.open: dict[int, Inode] = {}

    def after(self) -> None:
        """Something has changed."""

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _do(self, removed: Path | None, added: Path | None, inode: Inode | None) -> None:
        before, later = (self._name(path) if path else "" for path in (removed, added))
        self.model.name(Naming(before, later, inode))
        self.after()

    def create(self, path: Path) -> int:
        descriptor = super().create(path)
        self.open[descriptor] = Inode()
        self._do(None, path, self.open[descriptor])
        return descriptor

    def write(self, descriptor: int, offset: int, data: memoryview | bytes) -> None:
        super().write(descriptor, offset, data)
        inode = self.open[descriptor]
        piece = bytes(memoryview(data).cast("B"))
        inode.now = inode.now[:offset].ljust(offset, b"\0") + piece + inode.now[offset + len(piece) :]

    def truncate(self, descriptor: int, size: int) -> None:
        super().truncate(descriptor, size)
        inode = self.open[descriptor]
        inode.now = inode.now[:size].ljust(size, b"\0")

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        self.open[descriptor].kept = self.open[descriptor].now
        self.after()

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self._do(source, target, self.model.now[self._name(source)])

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        self.model.sync_directory(self._name(path))
        self.after()

    def remove(self, path: Path) -> None:
        there = path.exists()
        super().remove(path)
        if there:
            self._do(path, None, None)

    def make_directory(self, path: Path) -> None:
        super().make_directory(path)
        self._do(None, path, Inode(directory=True))

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._do(None, target, self.model.now[self._name(source)])


def write_tree(root: Path, tree: Tree) -> None:
    """Put onto a disk what a model says; only what differs from what is there is touched."""
    for path in sorted(root.rglob("*"), reverse=True):
        name = str(path.relative_to(root))
        if name not in tree:
            path.rmdir() if path.is_dir() else path.unlink()
    for name, content in sorted(tree.items()):
        path = root / name
        if content is None:
            path.mkdir(exist_ok=True)
        elif not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
