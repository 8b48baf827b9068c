# an error in an import is shown by a path from here
mkdir -p $T/rules/a/b
printf 'module a.b.root version 1.0\nimport a.b.lib\n' > $T/rules/a/b/root.muster
printf 'module a.b.lib version 1.0\nlet x = y\n' > $T/rules/a/b/lib.muster
cd $T/rules/a/b
muster check root.muster
