# Makes label<TAB>text lines of the CSV files of Zhang, Zhao & LeCun (2015): a class number from 1
# on and some texts a line, each in double quotes, a double quote inside written twice.
#   names    the classes' names, separated by "|"
#   escapes  1: \n stands for a line end and \" for a quote;  0: a backslash alone is a line end
# A line that is none ends the program with code 3 and a message.

function fail(why) {
  print "line " NR " " why >"/dev/stderr"
  failed = 1
  exit 3
}

# Takes the first field off `rest`; `more` says whether another follows.
function next_field(    field) {
  if (rest ~ /^"/) {
    field = quoted_field()
  } else {
    match(rest, /^[^,]*/)
    field = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
  }
  if (rest != "" && rest !~ /^,/) fail("has text behind a closing quote")
  more = rest != ""
  rest = substr(rest, 2)
  return field
}

# Ends at the first quote that is not one of two.
function quoted_field(    field, at) {
  rest = substr(rest, 2)
  while ((at = index(rest, "\"")) > 0) {
    field = field substr(rest, 1, at - 1)
    rest = substr(rest, at + 1)
    if (rest !~ /^"/) return field
    field = field "\""
    rest = substr(rest, 2)
  }
  fail("has a quote that is not closed")
}

BEGIN { classes = split(names, name, "|") }

{
  sub(/\r$/, "")
  rest = $0
  label = next_field()
  if (label !~ /^[0-9]+$/ || !(label + 0 in name)) fail("starts with no class from 1 to " classes)
  if (!more) fail("has no text")
  text = next_field()
  while (more) text = text " " next_field()
  if (escapes) {
    gsub(/\\n/, " ", text)
    gsub(/\\"/, "\"", text)
  } else {
    gsub(/\\/, " ", text)
  }
  gsub(/[\t\r]/, " ", text)
  print name[label + 0] "\t" text
}

END { if (failed) exit 3 }
