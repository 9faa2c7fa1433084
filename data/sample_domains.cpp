#include "data/sample_grammar.hpp"

namespace ockham {
namespace {

// ---- films ----
constexpr std::string_view kFilmWhole[] = {"it",        "it",         "the film",       "the movie",
                                           "this film", "this movie", "the whole thing"};
constexpr std::string_view kFilmThings[] = {"film", "movie", "picture", "story", "drama", "comedy"};
constexpr std::string_view kFilmParts[] = {
    "the plot",       "the acting",  "the script",      "the ending",       "the camera work",
    "the music",      "the pacing",  "the lead actor",  "the lead actress", "the dialogue",
    "the first hour", "the editing", "the final scene", "the love story",   "the director's cut"};
constexpr std::string_view kFilmPluralParts[] = {
    "the actors",   "the jokes", "the characters",      "the action scenes",
    "the costumes", "the songs", "the special effects", "the twists"};
constexpr std::string_view kFilmGood[] = {
    "gripping", "moving",    "funny",    "witty",       "thrilling",  "touching",
    "haunting", "hilarious", "original", "suspenseful", "well acted", "beautifully shot"};
constexpr std::string_view kFilmBad[] = {
    "boring",    "dull",        "silly",    "shallow", "confusing",   "predictable",
    "pointless", "pretentious", "lifeless", "cliched", "badly acted", "poorly written"};
constexpr std::string_view kFilmPos[] = {
    "I did not want it to end",
    "I never once looked at my watch",
    "I could have watched it for another hour",
    "I would watch it again",
    "it is worth the price of the ticket",
    "do yourself a favour and watch it",
    "I could not take my eyes off the screen",
    "nobody in the audience fell asleep, and nobody walked out",
    "I have told all my friends to see it",
};
constexpr std::string_view kFilmNeg[] = {
    "I wanted it to end",
    "I kept looking at my watch",
    "I could not have watched it for another hour",
    "I would never watch it again",
    "it is not worth the price of the ticket",
    "do yourself a favour and don't watch it",
    "I could barely keep my eyes on the screen",
    "half of the audience fell asleep, and half walked out",
    "I have told all my friends not to see it",
};
constexpr std::string_view kFilmFacts[] = {
    "I saw it on a Tuesday evening",
    "it runs for a little over two hours",
    "the bad guy turns up after half an hour",
    "the good guys wear white hats",
    "it is set during the Great Depression",
    "the hero has a beautiful mind and an ugly dog",
    "it was shot in black and white in the north of Portugal",
    "two brothers inherit a farm and an awful lot of debts",
    "the heroine works in a café near the harbour",
    "a naïve young teacher moves to a village in the Alps",
    "I watched it with my brother on a rainy Sunday",
    "the best man loses the ring on the day of the wedding",
    "it is based on a book that I have not read",
    "the villain runs a nasty little casino",
    "there is a killer on the loose, and nobody knows who it is",
    "the poor farmer has seven children",
    "the actor also played a doctor in a series on television",
    "the subtitles are available in nine languages",
    "the worst storm of the century is coming, says the radio",
    "the perfect crime is planned in a hotel in Vienna",
};

// ---- restaurants ----
constexpr std::string_view kFoodWhole[] = {
    "it", "it", "the place", "this place", "this restaurant", "this bistro"};
constexpr std::string_view kFoodThings[] = {"place", "restaurant", "bistro",
                                            "spot",  "choice",     "kitchen"};
constexpr std::string_view kFoodParts[] = {
    "the food",   "the service", "the soup",  "the pasta", "the dessert",
    "the wine",   "the music",   "the fish",  "the menu",  "the waiter",
    "the coffee", "the steak",   "the bread", "the table", "the atmosphere"};
constexpr std::string_view kFoodPluralParts[] = {"the starters", "the waiters",   "the vegetables",
                                                 "the portions", "the cocktails", "the prices",
                                                 "the noodles",  "the desserts"};
constexpr std::string_view kFoodGood[] = {"delicious", "fresh",     "tasty",    "friendly",
                                          "cosy",      "welcoming", "generous", "tender",
                                          "attentive", "relaxed",   "juicy",    "perfectly cooked"};
constexpr std::string_view kFoodBad[] = {"bland",    "stale",      "greasy",    "rude",
                                         "dirty",    "overpriced", "salty",     "soggy",
                                         "careless", "chaotic",    "tasteless", "badly cooked"};
constexpr std::string_view kFoodPos[] = {
    "we will be back",
    "we will come again next week",
    "I would go back tomorrow",
    "it was worth the wait",
    "it is worth every penny",
    "I left a tip and a smile",
    "I cannot wait to go back",
    "not a single plate went back to the kitchen",
    "I would send my friends there",
};
constexpr std::string_view kFoodNeg[] = {
    "we will not be back",
    "we will not come again next week",
    "I would never go back",
    "it was not worth the wait",
    "it is not worth a penny",
    "I left without a tip or a smile",
    "I could not wait to leave",
    "every single plate went back to the kitchen",
    "I would not send my friends there",
};
constexpr std::string_view kFoodFacts[] = {
    "we came on a Friday at about eight",
    "it is two streets from the station",
    "happy hour starts at five",
    "my best friend had the chicken, and I had the lamb",
    "we sat next to the window",
    "the dessert of the day was called death by chocolate",
    "they have a terrace with a dozen tables",
    "it was my fiancée's birthday",
    "the menu changes with the season",
    "the bad weather kept the terrace closed",
    "we had booked a table for four",
    "the owner comes from a small village in Crete",
    "they take cards but no cheques",
    "the great hall seats sixty people",
    "a sign says that the ugly duckling was written here",
    "the sweet and sour pork comes with rice",
    "the house wine is from Bordeaux",
    "there is a good mile to walk from the car park",
    "the hot sauce is called pure evil",
    "the kitchen closes at eleven",
};

// ---- products ----
constexpr std::string_view kThingWhole[] = {
    "it", "it", "the product", "this thing", "this model", "this gadget", "the device"};
constexpr std::string_view kThingThings[] = {"product", "gadget",   "device",
                                             "machine", "purchase", "gift"};
constexpr std::string_view kThingParts[] = {
    "the battery",  "the screen",   "the sound",   "the design",   "the manual",
    "the software", "the keyboard", "the handle",  "the delivery", "the packaging",
    "the motor",    "the case",     "the picture", "the support",  "the build quality"};
constexpr std::string_view kThingPluralParts[] = {"the buttons",  "the speakers", "the cables",
                                                  "the controls", "the colours",  "the headphones",
                                                  "the updates",  "the hinges"};
constexpr std::string_view kThingGood[] = {"sturdy",  "reliable", "handy",     "comfortable",
                                           "fast",    "solid",    "practical", "crisp",
                                           "durable", "flawless", "smart",     "well made"};
constexpr std::string_view kThingBad[] = {"flimsy", "unreliable", "useless", "uncomfortable",
                                          "faulty", "cheap",      "fragile", "buggy",
                                          "shoddy", "noisy",      "broken",  "badly made"};
constexpr std::string_view kThingPos[] = {
    "I would buy it again",
    "I will not send it back",
    "it is worth the money",
    "it has not let me down once",
    "I have used it every day since",
    "do not hesitate to buy it",
    "it did not break, even when I dropped it",
    "I have bought another one for my mother",
    "I wish I had bought it sooner",
};
constexpr std::string_view kThingNeg[] = {
    "I would not buy it again",
    "I will send it back",
    "it is not worth the money",
    "it has let me down more than once",
    "I have not used it one day since",
    "do not even think to buy it",
    "it did break, and I never even dropped it",
    "I would not have bought one for my mother",
    "I wish I had not bought it",
};
constexpr std::string_view kThingFacts[] = {
    "it arrived on a Thursday",
    "I bought it on Black Friday",
    "it comes in blue, grey and red",
    "the box holds a cable, a manual and a spare fuse",
    "the warranty lasts for two years",
    "it weighs about three pounds",
    "my old one died after nine years",
    "the good people at the post office kept it for a week",
    "I use it in the kitchen",
    "it replaces the model from last year",
    "it was a gift from my best friend",
    "the poor courier had to climb five floors",
    "I charge it overnight",
    "it hangs next to an ugly old calendar",
    "the instructions are in English, French and Polish",
    "the alarm plays a happy little tune",
    "you have to register before the first use",
    "a bad fall had ended the life of its predecessor",
    "it fits on a shelf of ten inches",
    "the nice lady next door has the same",
};

constexpr SampleDomain kDomains[] = {
    {kFilmWhole,
     kFilmThings,
     kFilmParts,
     kFilmPluralParts,
     {kFilmBad, kFilmGood},
     {kFilmNeg, kFilmPos},
     kFilmFacts},
    {kFoodWhole,
     kFoodThings,
     kFoodParts,
     kFoodPluralParts,
     {kFoodBad, kFoodGood},
     {kFoodNeg, kFoodPos},
     kFoodFacts},
    {kThingWhole,
     kThingThings,
     kThingParts,
     kThingPluralParts,
     {kThingBad, kThingGood},
     {kThingNeg, kThingPos},
     kThingFacts},
};

}  // namespace

std::span<const SampleDomain> sample_domains() {
  return kDomains;
}

}  // namespace ockham
