#include "apps/sweep/sweep_results.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "apps/terminal_text.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

using nlohmann::json;

/// A field of CSV (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + "\"";
}

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

/// The keys of all runs, in the order in which they come: a section may vary what another does not.
std::vector<std::string> varied_keys(const SweepResults& results) {
  std::vector<std::string> keys;
  for (const SweepPoint& p : results.points) {
    for (const auto& [key, value] : p.varied) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

std::string value_of(const SweepPoint& point, const std::string& key) {
  for (const auto& [name, value] : point.varied) {
    if (name == key) return value;
  }
  return "";
}

json to_json(const SweepPoint& p, Criterion criterion) {
  json varied = json::array();  // an object would lose the order
  for (const auto& [key, value] : p.varied) varied.push_back({key, value});
  json object = json::parse(path_point_json(p.point));
  object["run"] = p.run;
  object["varied"] = varied;
  object["point"] = p.number;
  object["chosen"] = p.chosen;
  object["on_front"] = p.on_front;
  object["seconds"] = p.seconds;
  object["criterion"] = criterion_name(criterion);
  if (p.tested) object["tested"] = *p.tested;
  return object;
}

SweepPoint sweep_point_from(const json& object) {
  SweepPoint p;
  p.run = object.at("run");
  for (const json& pair : object.at("varied")) p.varied.emplace_back(pair.at(0), pair.at(1));
  p.number = object.at("point");
  p.chosen = object.at("chosen");
  p.on_front = object.at("on_front");
  p.seconds = object.at("seconds");
  if (object.contains("tested")) p.tested = object.at("tested").get<double>();
  p.point = path_point_from_json(object.dump());
  return p;
}

}  // namespace

void rename_runs(const std::map<std::string, std::string>& names, SweepResults& results) {
  std::set<std::string> taken;
  for (const auto& [old, now] : names) taken.insert(now);
  std::erase_if(results.points, [&](const SweepPoint& p) {
    return taken.contains(p.run) && !names.contains(p.run);
  });
  for (SweepPoint& p : results.points) {
    const auto found = names.find(p.run);
    if (found != names.end()) p.run = found->second;
  }
}

void take_tested(const SweepResults& earlier, SweepResults& results) {
  std::map<std::pair<std::string, size_t>, const SweepPoint*> known;
  for (const SweepPoint& p : earlier.points) known[{p.run, p.number}] = &p;
  for (SweepPoint& p : results.points) {
    const auto found = known.find({p.run, p.number});
    if (found == known.end()) continue;
    const PathPoint& earlier_point = found->second->point;  // the run may have been trained anew
    const bool same = earlier_point.ngrams == p.point.ngrams &&
                      earlier_point.weights == p.point.weights &&
                      earlier_point.bytes == p.point.bytes;
    if (same) p.tested = found->second->tested;
  }
}

void mark_front(SweepResults& results) {
  std::vector<SweepPoint*> order;
  for (SweepPoint& p : results.points) {
    p.on_front = false;
    order.push_back(&p);
  }
  const auto value = [&](const SweepPoint* p) { return score(p->point, results.criterion); };
  std::ranges::stable_sort(order, [&](const SweepPoint* a, const SweepPoint* b) {
    return std::pair(a->point.bytes, -value(a)) < std::pair(b->point.bytes, -value(b));
  });
  double best = -1.0;
  for (SweepPoint* p : order) {
    if (value(p) <= best) continue;
    best = value(p);
    p->on_front = true;
  }
}

std::vector<const SweepPoint*> front_of(const SweepResults& results) {
  std::vector<const SweepPoint*> front;
  for (const SweepPoint& p : results.points) {
    if (p.on_front) front.push_back(&p);
  }
  std::ranges::stable_sort(front, {}, [](const SweepPoint* p) { return p->point.bytes; });
  return front;
}

std::string sweep_csv(const SweepResults& results) {
  const std::vector<std::string> keys = varied_keys(results);
  std::string csv = "run";
  for (const std::string& key : keys) csv += "," + csv_field(key);
  csv +=
      ",point,chosen,on_front,accuracy,macro_f1,micro_f1,nll,ece,ngrams,units,gates,weights,bytes,"
      "seconds,tested\n";
  for (const SweepPoint& p : results.points) {
    csv += csv_field(p.run);
    for (const std::string& key : keys) csv += "," + csv_field(value_of(p, key));
    csv += "," + std::to_string(p.number) + (p.chosen ? ",1" : ",0") + (p.on_front ? ",1" : ",0");
    for (const double x :
         {p.point.accuracy, p.point.macro_f1, p.point.micro_f1, p.point.nll, p.point.ece}) {
      csv += "," + number(x);
    }
    for (const size_t n :
         {p.point.ngrams, p.point.units, p.point.gates, p.point.weights, p.point.bytes}) {
      csv += "," + std::to_string(n);
    }
    csv += "," + number(p.seconds) + "," + (p.tested ? number(*p.tested) : "") + "\n";
  }
  return csv;
}

std::string sweep_jsonl(const SweepResults& results) {
  std::string lines;
  for (const SweepPoint& p : results.points) {
    lines +=
        to_json(p, results.criterion).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }
  return lines;
}

SweepResults read_sweep_jsonl(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot open ", path, "; --pareto reads what a sweep left in --output");
  SweepResults results;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    try {
      const json object = json::parse(line);
      results.criterion = parse_criterion(object.at("criterion").get<std::string>());
      results.points.push_back(sweep_point_from(object));
    } catch (const std::exception&) {
      fail(path, ":", number, ": not a line of a sweep's results");
    }
  }
  return results;
}

std::string front_table(const SweepResults& results) {
  const std::vector<const SweepPoint*> front = front_of(results);
  const bool tested =
      std::ranges::any_of(front, [](const auto* p) { return p->tested.has_value(); });
  std::ostringstream table;
  table << "     bytes  validation" << (tested ? "     test" : "")
        << "  n-grams   weights  model\n";
  for (const SweepPoint* p : front) {
    char text[128];
    std::snprintf(text, sizeof text, "%10s  %9s%%", grouped_digits(p->point.bytes).c_str(),
                  percent_text(score(p->point, results.criterion)).c_str());
    table << text;
    if (tested) {
      table << right_cell(p->tested ? percent_text(*p->tested) + "%" : "-", 9);
    }
    std::snprintf(text, sizeof text, "  %7s  %8s  ", grouped_digits(p->point.ngrams).c_str(),
                  grouped_digits(p->point.weights).c_str());
    const std::string folder = path_model_folder("runs/" + p->run, p->number).string();
    table << text << printable(folder) << "\n";
  }
  return table.str();
}

}  // namespace ockham
