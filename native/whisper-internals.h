#pragma once

#include <ggml-backend.h>
#include <whisper.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "audio-attention.h"

// What whisper.h does not offer. whisper-internals.cc takes in whisper.cpp as source, so that it
// can see inside a state; whisper.cpp itself stays as it was published.
namespace whisper_gateway {

/**
 * Makes the state's graphs stop after the node at which `callback` answers true.
 * whisper_full passes its own abort callback only to the steps between graphs, and one graph can
 * take more than a second. A GPU ends the graph it is in.
 */
void SetGraphAbort(whisper_state* state, ggml_abort_callback callback, void* data);

/**
 * Starts the first decoder's random numbers anew. whisper_full does that for all but the first, so
 * that sampling would depend on what the state decoded before.
 */
void ResetRandom(whisper_state* state);

/** Microseconds spent by a state since it was opened. */
struct Timings {
  int64_t encode;
  int64_t decode;
};
Timings ReadTimings(const whisper_state* state);

/** Zeroes the keys and values of the encoded audio, those of earlier windows included. */
void ClearCrossAttention(whisper_state* state);

size_t WeightBytes(const whisper_context* context);

/** The encoder's position embeddings, one row a frame of the full context. */
const ggml_tensor* Positions(const whisper_context* context);

/** The decoder's token embeddings, which the logits are made with. */
const ggml_tensor* Vocabulary(const whisper_context* context);

/**
 * The heads of the decoder that attend to the audio of the word they are at, as OpenAI published
 * them for its models; all heads of the upper half of the layers for any other model.
 */
std::vector<Head> AlignmentHeads(const whisper_context* context);

/** Decodes these tokens at once, over what was encoded last, and looks for no next one. */
bool DecodeForAttention(whisper_context* context, whisper_state* state,
                        const std::vector<whisper_token>& tokens, int threads);

/** The tokens of a segment, timestamps among them. */
std::vector<whisper_token_data>& TokensOf(whisper_state* state, int segment);

/** Times that a state has encoded since it was opened. */
int EncodeCount(const whisper_state* state);

/**
 * The decoder's logits for the start token alone, over what was encoded last; null on failure.
 * They tell the language, and whether there is speech.
 */
const float* StartLogits(whisper_context* context, whisper_state* state, int threads);

/**
 * Replaces what whisper_full took for the probability of silence. 1.9.1 reads that from the first
 * row of the logits, while it computes the last row only: the first one holds zeros or, from the
 * second window on, what an earlier window left there.
 */
void SetNoSpeechProbability(whisper_state* state, float probability);

}  // namespace whisper_gateway
