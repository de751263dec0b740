from recorder.cli.project import branch_name, project_name


def test_name_of_the_work_tree(tmp_path):
    deep = tmp_path / "shop" / "src" / "cart"
    deep.mkdir(parents=True)
    (tmp_path / "shop" / ".git").mkdir()
    assert project_name(deep) == "shop"


def test_linked_work_tree_has_a_file(tmp_path):
    (tmp_path / "shop" / "src").mkdir(parents=True)
    (tmp_path / "shop" / ".git").write_text("gitdir: elsewhere")
    assert project_name(tmp_path / "shop" / "src") == "shop"


def test_folder_without_git(tmp_path):
    (tmp_path / "notes").mkdir()
    assert project_name(tmp_path / "notes") == "notes"


def test_branch(tmp_path):
    git = tmp_path / "shop" / ".git"
    (git / "worktrees" / "w").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/feature/x\n")
    assert branch_name(tmp_path / "shop") == "feature/x"
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").write_text(f"gitdir: {git / 'worktrees' / 'w'}\n")
    (git / "worktrees" / "w" / "HEAD").write_text("ref: refs/heads/y\n")
    assert branch_name(tmp_path / "linked") == "y"
    (git / "HEAD").write_text("0123456789abcdef0123456789abcdef01234567\n")
    assert branch_name(tmp_path / "shop") is None
    assert branch_name(tmp_path) is None
