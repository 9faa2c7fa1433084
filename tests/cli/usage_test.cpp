#include "tests/cli/cli_test.hpp"

// The command line is wrong: exit code 2.

namespace ockham {
namespace {

using Usage = CliTest;

TEST_F(Usage, NoCommandShowsAllCommandsOnStderr) {
  const Outcome outcome = run("");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, run("--help").out);
}

TEST_F(Usage, UnknownCommandNamesTheNearest) {
  expect_refusal(run("tarin --train a.tsv"), 2, {"\"tarin\"", "did you mean \"train\"?"});
  expect_refusal(run("sampledata"), 2, {"did you mean \"sample-data\"?", "ockham --help"});
  expect_refusal(run("help sampledata"), 2, {"did you mean \"sample-data\"?"});
  expect_refusal(run("qqqqqqqqq"), 2, {"unknown command \"qqqqqqqqq\"", "ockham --help"});
}

TEST_F(Usage, UnknownOptionNamesTheNearest) {
  expect_refusal(run("--hlep"), 2, {"unknown option --hlep;", "did you mean --help?"});
  expect_refusal(run("-help"), 2, {"unknown option -help;", "did you mean --help?"});
  expect_refusal(run("--versoin=1 train"), 2, {"--versoin;", "did you mean --version?"});
  expect_refusal(run("--train a.tsv"), 2, {"unknown option --train;", "a command comes first"});
  expect_refusal(run("--"), 2, {"unknown option --;", "ockham --help"});
  expect_refusal(run("train --trian a.tsv"), 2, {"--trian", "--train?", "--help-all"});
  expect_refusal(run("evaluate --model m --dat=a"), 2, {"--dat;", "--data?"});
  expect_refusal(run("report --jsno"), 2, {"--jsno", "--json?"});
  expect_refusal(run("compress --qqqqqqqqq"), 2, {"unknown option --qqqqqqqqq", "--help-all"});
}

TEST_F(Usage, MissingOptionIsNamedWithAnExample) {
  expect_refusal(run("train --model m"), 2, {"--train FILE", "ockham train --train"});
  expect_refusal(run("train --train a.tsv"), 2, {"--model DIR", "ockham train --train"});
  expect_refusal(run("train --train a.tsv --output m"), 2, {"softmax; the folder", "--model"});
  expect_refusal(run("evaluate --model m"), 2, {"--data FILE", "ockham evaluate"});
  expect_refusal(run("predict"), 2, {"--model DIR|FILE", "ockham predict"});
  expect_refusal(run("compress --model m"), 2, {"--output FILE", "ockham compress"});
  expect_refusal(run("report"), 2, {"--model DIR|FILE", "ockham report"});
  expect_refusal(run("sample-data"), 2, {"--output DIR", "ockham sample-data"});
}

TEST_F(Usage, BadValuesSayWhatWasExpected) {
  const std::string train = "train --train a.tsv --model m ";
  expect_refusal(run(train + "--epochs ten"), 2, {"--epochs ten", "a whole number from 0"});
  expect_refusal(run(train + "--epochs 1.5"), 2, {"--epochs 1.5", "a whole number"});
  expect_refusal(run(train + "--seed -1"), 2,
                 {"--seed -1", "a whole number from 0 to 9000000000000000"});
  expect_refusal(run(train + "--threads 0"), 2, {"--threads 0", "from 1 to"});
  expect_refusal(run(train + "--threads 99999999999999999999"), 2, {"--threads 9", "from 1 to"});
  expect_refusal(run(train + "--min-accuracy 91"), 2, {"--min-accuracy 91", "from 0 to 1"});
  expect_refusal(run(train + "--max-bytes 0"), 2, {"--max-bytes 0", "4000, 4k or 1.5M"});
  expect_refusal(run(train + "--rate nan"), 2, {"--rate nan", "a number above 0"});
  expect_refusal(run(train + "--kl-scale 3:2"), 2, {"--kl-scale 3:2", "LO <= HI"});
  expect_refusal(run(train + "--dropout 0.5:-1"), 2,
                 {"--dropout 0.5:-1", "-1, or P or FIRST:LAST"});
  expect_refusal(run(train + "--posterior cauchy"), 2, {"--posterior cauchy", "sparse"});
  expect_refusal(run(train + "--groups words"), 2, {"--groups words", "vocabulary"});
  expect_refusal(run(train + "--pooling none"), 2, {"--pooling", "max, mean, last"});
  expect_refusal(run(train + "--layer-dropout 0.5"), 2, {"--layer-dropout", "--layers"});
  expect_refusal(run(train + "--prune-log-alpha 2 --posterior deterministic"), 2,
                 {"--prune-log-alpha", "sparse weights"});
  expect_refusal(run(train + "--language-epochs 2 --hidden 8 --embedding 4"), 2,
                 {"--embedding", "--hidden", "same number"});
  expect_refusal(run(train + "--language-rate 0.1"), 2, {"--language-rate", "--language-epochs"});
  expect_refusal(run(train + "--language-epochs 2 --time-budget 5m"), 2,
                 {"--time-budget", "language model"});
  expect_refusal(run(train + "--alpha 0.25"), 2, {"--alpha", "gaussian-dropout", "sparse"});
  expect_refusal(run(train + "--posterior deterministic --groups none --initial-log-sigma -5"), 2,
                 {"--initial-log-sigma", "sparse"});
  expect_refusal(run(train + "--fine-tune-epochs 0 --fine-tune-rate 0.1"), 2,
                 {"--fine-tune-rate", "--fine-tune-epochs 0"});
  expect_refusal(run(train + "--vocabulary-size 100"), 2, {"--vocabulary-size", "sentencepiece"});
  expect_refusal(run(train + "--label-separator ;"), 2, {"--label-separator", "--multi-label"});
  expect_refusal(run(train + "--multi-label --output softmax"), 2, {"--output", "--multi-label"});
  const std::string gaussian = train + "--posterior gaussian-dropout ";
  for (const std::string& fixed : {train, gaussian}) {
    expect_refusal(run(fixed + "--initial-log-alpha -2"), 2,
                   {"--initial-log-alpha", "train alpha"});
  }
  expect_refusal(run(train + "--posterior sparse-multiplicative --initial-log-alpha 8"), 2,
                 {"--initial-log-alpha 8", "prunes"});
  expect_refusal(run(gaussian + "--kl-scale 1"), 2, {"--kl-scale", "leave them out"});
  expect_refusal(run(gaussian + "--group-kl 2"), 2, {"--group-kl", "--group-posterior"});
  expect_refusal(run(train + "--groups none --group-kl 2"), 2, {"--group-kl", "--groups"});
  for (const char* option : {"--dense-steps 9", "--dense-rate 0.1", "--dense-dropout 0.1"}) {
    expect_refusal(run(train + "--no-dense-start " + option), 2, {"--dense-", "--no-dense-start"});
  }
  expect_refusal(run(train + "--gaussian-dropout-rate 0.2"), 2, {"gaussian-dropout"});
  expect_refusal(run(gaussian + "--alpha 0.1 --gaussian-dropout-rate 0.2"), 2,
                 {"--alpha", "one of them"});
  expect_refusal(run(train + "--cell rnn"), 2, {"--cell", "lstm, gru"});
  expect_refusal(run(train + "--epochs"), 2, {"--epochs needs a value", "--help"});
  expect_refusal(run(train + "--epochs 3 --epochs 4"), 2, {"--epochs is given twice"});
  expect_refusal(run("compress --model m --output o --weights int3"), 2, {"int3", "int4"});
  const std::string compress = "compress --model m --output o ";
  expect_refusal(run(compress + "--valid t"), 2, {"--valid", "--weights auto"});
  expect_refusal(run(compress + "--weights auto"), 2, {"--weights auto", "--train"});
  expect_refusal(run(compress + "--fine-tune-epochs 2"), 2, {"--fine-tune-epochs", "--train"});
  for (const char* wrong : {"hash", "hashed:7", "hashed:25", "hashed:x"}) {
    const std::string option = std::string("--vocabulary ") + wrong;
    expect_refusal(run("compress --model m --output o " + option), 2, {option, "hashed:24"});
    expect_refusal(run(train + option), 2, {option, "hashed:24"});
  }
  expect_refusal(run("predict --model m --threads 0"), 2, {"--threads 0", "from 1 to"});
}

TEST_F(Usage, ArgumentsWithoutAPlaceAreRefused) {
  expect_refusal(run("evaluate --model m --data a.tsv b.tsv"), 2, {"'b.tsv'", "--help"});
}

TEST_F(Usage, AMessageStaysOneLine) {
  expect_refusal(run(std::vector<std::string>{"two\nlines"}), 2, {"two?lines"});
  expect_refusal(run({"report", "--model", "two\nlines\x1b[0m"}), 1, {"two?lines?[0m"});
}

TEST_F(Usage, WrongCommandLinesTouchNothing) {
  run("train --train a.tsv --model m --epochs ten");
  run("sample-data --output s --seed x");
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace ockham
