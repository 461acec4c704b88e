#!/usr/bin/env bash
# shellcheck disable=SC2317   # check() calls the functions by name
# What a machine can say of the tree without running it. `./dev lint` installs the tools and calls this.
#   tests/lint.sh [--no-tidy]
set -uo pipefail
cd "$(dirname "$0")/.." || exit 70
failed=0

check() {
  local name=$1
  shift
  local output
  if output=$("$@" 2>&1); then
    printf 'ok      %s\n' "$name"
  else
    printf 'FAILED  %s\n%s\n' "$name" "$output"
    failed=1
  fi
}

mapfile -t cpp < <(git ls-files '*.cpp' '*.hpp')
mapfile -t cmake < <(git ls-files '*CMakeLists.txt' '*.cmake')
mapfile -t shell < <(git ls-files dev .ci/run '*.sh')

large_files() {
  local big
  big=$(git ls-files -z | xargs -0 stat -c '%s %n' | awk '$1 > 500000')
  [[ -z $big ]] || { echo "$big"; return 1; }
}

# The whole test string must stand in no file: a checkout has to survive a scanner.
whole_eicar() {
  local tail='STANDARD-ANTIVIRUS-TEST-FILE!'
  git grep -nIF "EICAR-$tail" -- .
  (($? == 1))
}

man_page() { scdoc <docs/man/microengine.1.scd >/dev/null; }

# Tidy is slow: a file is checked again only when what the compiler sees of it has changed.
tidy_one() {
  local file=$1 stamp
  stamp=build/tidy/$({ cat .clang-tidy; clang++-19 -std=c++23 -I. -Isdk/include -I"$(dirname "$file")" -DMICROENGINE_VERSION='""' -E "$file" 2>/dev/null; } | sha256sum | cut -c1-40)
  [[ -f $stamp ]] && return 0
  clang-tidy-19 --quiet -p build/tidy-database "$file" 2>/dev/null && touch "$stamp"
}
export -f tidy_one

tidy() {
  mkdir -p build/tidy
  cmake -S . -B build/tidy-database -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 -DMICROENGINE_TESTS=OFF >/dev/null || return 1
  git ls-files 'host/*.cpp' 'plugins/*.cpp' | grep -v /tests/ | xargs -P "$(nproc)" -I{} bash -c 'tidy_one {}'
}

check "clang-format" clang-format-19 --dry-run -Werror "${cpp[@]}"
check "cmake-format" cmake-format --check "${cmake[@]}"
check "shellcheck" shellcheck "${shell[@]}"
check "codespell" codespell --skip='./build,./.git,./tests/fuzz/corpus,./plugins/clamav/LICENSE' --ignore-words-list='lsit,crasher,proces,inforce,wieght,wieghted,allocat,nd,te,crate' .
check "folder arrows" python3 tests/architecture/layers_test.py
check "man page" man_page
check "no file over 500 kB" large_files
check "no whole EICAR in the tree" whole_eicar
[[ ${1-} == --no-tidy ]] || check "clang-tidy" tidy
exit "$failed"
